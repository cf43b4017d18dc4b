"""E-mail addresses, phone numbers and references, as written and as spoken.

What a number is depends on what was asked: the cues stand before it or in the question just before.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find, found, stems
from providers.builtin.engine.spoken import spelled
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Turn

EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PART = r"[^\W_]+"
_SAID_SIGN = r"(?: (?:dot|underscore|dash|hyphen|plus) )"
SPOKEN_EMAIL = re.compile(
    rf"\b(?:(?:{_PART}{_SAID_SIGN}){{1,5}}|(?:\w ){{1,12}})?{_PART} at {_PART}"
    rf"(?: (?:dash|hyphen) {_PART}){{0,3}}(?: dot {_PART}){{1,4}}\b",
    re.I,
)
SAID_SIGNS = {"dot": ".", "underscore": "_", "dash": "-", "hyphen": "-", "plus": "+", "at": "@"}
PHONE = re.compile(r"(?<![\w/-])(?:\+|\(\+?)?\d[\d\s().-]{6,24}\d(?![\w/])")
PHONE_DIGITS = range(7, 16)
# Seven digits are a phone only where one was asked for; more look like one by themselves.
SURE_DIGITS = 10
# Capitals and digits in one; what has no digit in it, or only digits, is sorted out afterwards.
REFERENCE = re.compile(r"(?<![\w@./+-])[A-Z0-9]{1,24}(?:[-/][A-Z0-9]{1,24}){0,6}(?![\w@/-]|\.\w)")
DIGIT_GROUPS = re.compile(r"(?<![\w.,+£$€/:-])\d(?:[ -]?\d){3,14}(?![\w/:]|[.,]\d)")
REFERENCE_CUE = re.compile(
    r"\b(?:references?|ref|orders?|invoices?|accounts?|polic(?:y|ies)|tickets?|cases?|bookings?"
    r"|customer|member(?:ship)?|claims?|tracking|confirmation|contract|serial|patient|reservation"
    r"|licen[cs]e|id|numbers?)\b",
    re.I,
)
PHONE_CUE = re.compile(
    r"\b(?:phone|telephone|mobile|cell|landline|ring|call (?:you|me|us)|reach (?:you|me)"
    r"|best number"
    r"|contact number|cut off|call ?back|text (?:you|me))\b",
    re.I,
)
NO_REFERENCE_CUE = re.compile(
    r"\b(?:codes?|pin|password|post ?code|zip|ending|expir\w+|birth|card number|sort code)\b", re.I
)
NEAR = 45
MIN_MIXED = 4
# Postal codes and times of day look like references and are none.
NOT_REFERENCE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{1,2}(?:AM|PM|ST|ND|RD|TH)|\d{4}-\d\d-\d\d"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A value at `start:end` of a turn; `score` says how likely it is what is wanted."""

    value: str
    turn: Turn
    start: int
    end: int
    score: float = 0.0

    @property
    def before(self) -> str:
        return self.turn.text[max(self.start - NEAR, 0) : self.start]

    def overlaps(self, other: "Mention") -> bool:
        return self.turn == other.turn and self.start < other.end and other.start < self.end


# -- what is mentioned --------------------------------------------------------------------------
def emails(study: Study) -> list[Mention]:
    return [m for turn in study.transcript.turns for m in _emails(turn)]


def phones(study: Study) -> list[Mention]:
    """Numbers that look like a phone's or were asked for as one."""
    mentions = [m for turn in study.transcript.turns for m in _numbers(turn, _phone_spans)]
    scored = (_scored_phone(study, mention) for mention in mentions)
    return [mention for mention in scored if mention.score > 0]


def references(study: Study) -> list[Mention]:
    """Order numbers, account numbers and their like."""
    taken = [*study.once(emails), *study.once(phones)]
    mentions = [m for turn in study.transcript.turns for m in _numbers(turn, _reference_spans)]
    free = (m for m in mentions if not any(m.overlaps(other) for other in taken))
    scored = [_scored_reference(study, mention) for mention in free]
    return [mention for mention in scored if mention.score > 0]


def _emails(turn: Turn) -> Iterator[Mention]:
    for match in EMAIL.finditer(turn.text):
        yield Mention(match[0], turn, *match.span())
    for match in SPOKEN_EMAIL.finditer(turn.text):
        words = match[0].lower().split()
        value = "".join(SAID_SIGNS.get(word, word) for word in words)
        yield Mention(value, turn, *match.span())


type Spans = Callable[[str], Iterator[tuple[str, int, int]]]


def _numbers(turn: Turn, spans: Spans) -> Iterator[Mention]:
    """The values that `spans` reads in a turn; of those that overlap, the longest."""
    seen: list[Mention] = []
    for value, start, end in sorted(spans(turn.text), key=lambda s: s[1] - s[2]):
        mention = Mention(value, turn, start, end)
        if not any(mention.overlaps(other) for other in seen):
            seen.append(mention)
    yield from sorted(seen, key=lambda mention: mention.start)


def _phone_spans(text: str) -> Iterator[tuple[str, int, int]]:
    for match in PHONE.finditer(text):
        yield match[0], *match.span()
    for run in spelled(text):
        if re.fullmatch(r"\+?\d+", run.value):
            yield run.value, run.start, run.end


def _reference_spans(text: str) -> Iterator[tuple[str, int, int]]:
    for match in REFERENCE.finditer(text):
        if _is_mixed(match[0]):
            yield match[0], *match.span()
    for match in DIGIT_GROUPS.finditer(text):
        yield match[0], *match.span()
    for run in spelled(text):
        yield run.value, run.start, run.end


# -- how likely ---------------------------------------------------------------------------------
def _asked(study: Study, mention: Mention) -> str:
    return study.transcript.question_before(mention.turn)


def _scored_phone(study: Study, mention: Mention) -> Mention:
    digits = sum(map(str.isdigit, mention.value))
    if digits not in PHONE_DIGITS or NO_REFERENCE_CUE.search(mention.before):
        return mention
    asked, own = _asked(study, mention), mention.before
    named = bool(PHONE_CUE.search(own))
    was_asked = bool(PHONE_CUE.search(asked))
    other = _names_reference(own) or (_names_reference(asked) and not was_asked)
    cue = 1.0 * named + 0.8 * was_asked
    shape = 0.6 * (digits >= SURE_DIGITS) + 0.4 * mention.value.startswith(("+", "0", "("))
    theirs = 0.5 * (mention.turn.speaker == "customer")
    score = cue + shape + theirs - 1.5 * (other and not named) if cue or shape >= 0.6 else 0.0
    return _with_score(mention, score)


def _names_reference(text: str) -> bool:
    """Whether it speaks of an order, an account or the like; `number` alone is of either kind."""
    return any(not match[0].lower().startswith("number") for match in REFERENCE_CUE.finditer(text))


def _scored_reference(study: Study, mention: Mention) -> Mention:
    own, asked = mention.before, _asked(study, mention)
    if NOT_REFERENCE.fullmatch(mention.value) or NO_REFERENCE_CUE.search(own):
        return mention
    mixed = _is_mixed(mention.value)
    own_cue = bool(REFERENCE_CUE.search(own))
    reply_cue = bool(REFERENCE_CUE.search(asked)) and mention.turn.speaker == "customer"
    score = 0.7 * mixed + 0.8 * own_cue + 0.6 * reply_cue
    return _with_score(mention, score if mixed or own_cue or reply_cue else 0.0)


def _is_mixed(value: str) -> bool:
    """Digits together with letters or with signs between them, such as `HH-20` and `20/31`."""
    has_digit = any(map(str.isdigit, value))
    return (
        has_digit
        and len(value) >= MIN_MIXED
        and any(not sign.isdigit() for sign in value.replace(" ", ""))
    )


def _with_score(mention: Mention, score: float) -> Mention:
    return Mention(mention.value, mention.turn, mention.start, mention.end, score)


# -- what a field wants -------------------------------------------------------------------------
def find_email(study: Study, field: Field) -> Find | None:
    return _best(study.once(emails), lambda m: 1.0 * (m.turn.speaker == "customer"), 0.95)


def find_phone(study: Study, field: Field) -> Find | None:
    return _best(study.once(phones), lambda m: m.score, 0.9)


def find_reference(study: Study, field: Field) -> Find | None:
    """The reference whose surroundings share most words with the field's name and description."""
    named, wanted = set(stems(field.label)), set(stems(field.description))

    def fit(mention: Mention) -> float:
        near = set(stems(mention.before + " " + _asked(study, mention)))
        return mention.score + 0.5 * len(named & near) + 0.1 * len(wanted & near)

    return _best(study.once(references), fit, 0.85)


def _best(
    mentions: list[Mention], fit: Callable[[Mention], float], confidence: float
) -> Find | None:
    """The fittest mention; the first among equals."""
    if not mentions:
        return None
    best = max(mentions, key=fit)
    return found(best.value, [best.turn.span(best.start, best.end)], confidence)
