"""Dates and times of day as they were said; a full date also in ISO spelling."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = (
    r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" if len(m) > 3 else m for m in MONTHS) + r"|sept)\b\.?"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:twenty[- ]|thirty[- ])?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth)|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth)"
)
_YEAR = r"(?:,? (?P<{0}>(?:19|20)\d\d))?"
DATE = re.compile(
    r"\b(?:(?P<iso>\d{4}-\d{2}-\d{2})|(?P<slashed>\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2}))"
    rf"|(?:(?:next "
    rf"|this )?{_DAY},? )?(?:the )?(?P<d1>{_ORDINAL}) (?:of )?(?P<m1>{_MONTH}){_YEAR.format('y1')}"
    rf"|(?:(?:next "
    rf"|this )?{_DAY},? )?(?P<m2>{_MONTH}) (?:the )?(?P<d2>{_ORDINAL})\b{_YEAR.format('y2')}"
    rf"|(?:next |this |on )?{_DAY}(?: the {_ORDINAL}| week)?|day after tomorrow|tomorrow|today"
    rf"|tonight"
    r"|next (?:week|month)|the \d{1,2}(?:st|nd|rd|th))\b",
    re.I,
)
_HOUR = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
TIME = re.compile(
    rf"\b(?:\d{{1,2}}[:.]\d{{2}}(?: ?[ap]\.?m\b)?|{_HOUR} ?(?:[ap]\.?m\b|[ap] m\b|o['’]?clock"
    rf"|in the (?:morning|afternoon|evening))"
    rf"|(?:half|quarter) (?:past|to) {_HOUR}|noon|midday|midnight)",
    re.I,
)
CONFIRMED = re.compile(
    r"\b(?:booked|confirmed?|see you|reserved|scheduled|moved|perfect|works|all set|will be"
    r"|arrive)\b",
    re.I,
)
BETWEEN = re.compile(r"(?:,? (?:at|from|around|about|before|by|between))?,? ?", re.I)
CENTURY = 2_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time at `start:end` of a sentence; `iso` where day, month and year were said."""

    sentence: Sentence
    start: int
    end: int
    iso: str | None = None

    @property
    def text(self) -> str:
        return self.sentence.text[self.start : self.end]


def dates(study: Study) -> list[Moment]:
    return [m for sentence in study.transcript.sentences for m in _dates(sentence)]


def times(study: Study) -> list[Moment]:
    return [
        Moment(sentence, *match.span())
        for sentence in study.transcript.sentences
        for match in TIME.finditer(sentence.text)
    ]


def find_date(study: Study, field: Field) -> Find | None:
    """The date said in words; in ISO spelling for `format: date`, if the year was said too."""
    said = study.once(dates)
    if field.schema.get("format") in ("date", "date-time"):
        said = [moment for moment in said if moment.iso]
        best = _best(study, field, said)
        return _find(best, best.iso if best else None)
    best = _best(study, field, said)
    return _find(best, best.text if best else None)


def find_time(study: Study, field: Field) -> Find | None:
    best = _best(study, field, study.once(times))
    return _find(best, best.text if best else None)


def find_slot(study: Study, field: Field) -> Find | None:
    """A date together with the time that follows it directly."""
    best = _best(study, field, study.once(dates))
    if best is None:
        return find_time(study, field)
    text = best.sentence.text
    joint = BETWEEN.match(text, best.end)
    time = TIME.match(text, joint.end()) if joint else None
    whole = Moment(best.sentence, best.start, time.end() if time else best.end)
    return _find(whole, whole.text)


def _find(moment: Moment | None, value: str | None) -> Find | None:
    if moment is None or value is None:
        return None
    sentence = moment.sentence
    span = sentence.turn.span(sentence.start + moment.start, sentence.start + moment.end)
    return found(value, [span], 0.6)


def _best(study: Study, field: Field, moments: list[Moment]) -> Moment | None:
    """The moment in the sentence nearest to what is wanted; confirmed and late ones first."""
    if not moments:
        return None
    cosines = study.sense.closeness([m.sentence.text for m in moments], [field.wanted])[:, 0]

    def fit(index: int) -> float:
        sentence = moments[index].sentence
        confirmed = 0.3 * bool(CONFIRMED.search(sentence.text))
        return float(cosines[index]) + confirmed + 0.2 * sentence.turn.place

    return moments[max(range(len(moments)), key=fit)]


def _dates(sentence: Sentence) -> Iterator[Moment]:
    for match in DATE.finditer(sentence.text):
        yield Moment(sentence, *match.span(), _iso(match))


def _iso(match: re.Match[str]) -> str | None:
    if match["iso"]:
        return _spell(*map(int, match["iso"].split("-")))
    if match["slashed"]:
        day, month, year = map(int, re.split(r"[/.]", match["slashed"]))
        return _spell(year if year > 99 else CENTURY + year, month, day)
    day_text, month_text = match["d1"] or match["d2"], match["m1"] or match["m2"]
    year_text = match["y1"] or match["y2"]
    digits = re.match(r"\d+", day_text or "")
    if not (digits and month_text and year_text):
        return None
    month = next(i for i, name in enumerate(MONTHS, 1) if name.startswith(month_text[:3].lower()))
    return _spell(int(year_text), month, int(digits[0]))


def _spell(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
