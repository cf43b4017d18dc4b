"""Names of customer and agent: said of oneself, answered when asked, called by the other.

Capital letters mark a name where there are any; in speech written down without them a name ends at
the first ordinary word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.plain_words import PLAIN_WORDS
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Span, Turn

TITLE = r"(?:mrs?|ms|miss|dr|doctor|prof|professor|sir|madam)\b\.?"
WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
NAME = re.compile(rf"\s*(?P<title>{TITLE}\s+)?(?P<name>{WORD}(?: {WORD}){{0,3}})", re.I)
PARTICLES = frozenset(
    {"de", "da", "di", "van", "von", "der", "den", "la", "le", "al", "el", "bin", "dos"}
)
MAX_WORDS = 3
FULL_NAME_BONUS = 0.35
CONFIDENCE = 0.8


@dataclass(frozen=True, slots=True)
class Lead:
    """Words after which a name stands, and how surely."""

    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    span: Span
    weight: float

    @property
    def words(self) -> list[str]:
        return self.name.lower().split()


def lead(weight: float, pattern: str) -> Lead:
    return Lead(weight, re.compile(rf"(?<![\w'’]){pattern}", re.I))


OF_ONESELF = (
    lead(1.2, r"(?:my|the) (?:full |first )?name(?:['’]s| is)(?: actually)?,?"),
    lead(1.1, r"name(?:['’]s| is)"),
    lead(0.8, r"this is"),
    lead(0.7, r"(?:i['’]m|i am|it['’]s|it is)"),
    lead(
        0.8, r"(?:ask for|speaking (?:to|with)|chatting (?:to|with)|through to|under(?: the name)?)"
    ),
)
ANSWER = (
    lead(
        1.2,
        r"(?:^|(?<=[.!?] ))(?:yes|yeah|yep|sure|of course|certainly|ok(?:ay)?|hi|hello|um|uh)?,?",
    ),
    lead(1.3, r"(?:it['’]s|it is|that['’]s|i['’]m|this is|name is|name['’]s|under)"),
)
BY_THE_OTHER = (
    lead(
        0.5, r"(?:thank you|thanks|cheers|hi|hello|hey|dear|welcome|sorry(?: again)?|bye|goodbye),?"
    ),
    lead(0.5, r"(?:great|perfect|okay|ok|right|lovely|alright|of course|no problem|certainly),"),
    lead(0.45, r"(?=(?:mrs?|ms|miss)\b)"),
)
INTRODUCED_AFTER = re.compile(rf"\b({WORD}(?: {WORD})?) (?:speaking|here)\b", re.I)
NAME_ASKED = re.compile(
    r"\b(?:name|who(?:['’]s| is| am| do| are)? (?:i |this|calling|speaking|we)|speaking (?:to|with)"
    r"|is that (?=[A-Z]))",
    re.I,
)
NOT_A_PERSON = re.compile(
    r"\b(?:company|business|street|product|brand|file|user|maiden) ?name\b", re.I
)


# -- what a field wants -------------------------------------------------------------------------
def find_agent(study: Study, field: Field) -> Find | None:
    return _best(study.once(agent_names))


def find_customer(study: Study, field: Field) -> Find | None:
    return _best(study.once(customer_names))


def agent_names(study: Study) -> list[Candidate]:
    turns = study.transcript.of("agent")
    own = [c for turn in turns for c in (*_after(turn, OF_ONESELF), *_introduced(turn))]
    called = [c for turn in study.transcript.of("customer") for c in _after(turn, BY_THE_OTHER)]
    # Later on, "this is" and "I'm" seldom introduce anybody.
    return [_early(c, turns) for c in own] + called


def customer_names(study: Study) -> list[Candidate]:
    agent = _best(study.once(agent_names))
    own = [c for turn in study.transcript.of("customer") for c in _of_customer(study, turn)]
    called = [c for turn in study.transcript.of("agent") for c in _after(turn, BY_THE_OTHER)]
    taken = str(agent.value).lower() if agent else ""
    candidates = [c for c in (*own, *called) if c.name.lower() != taken]
    return [_backed(candidate, candidates) for candidate in candidates]


def _of_customer(study: Study, turn: Turn) -> Iterator[Candidate]:
    asked = study.transcript.question_before(turn)
    yield from _after(turn, OF_ONESELF)
    yield from _introduced(turn)
    if NAME_ASKED.search(asked) and not NOT_A_PERSON.search(asked):
        yield from _after(turn, ANSWER)


def _best(candidates: Sequence[Candidate]) -> Find | None:
    if not candidates:
        return None
    best = max(candidates, key=lambda c: c.weight + FULL_NAME_BONUS * (len(c.words) > 1))
    return found(best.name, [best.span], CONFIDENCE if best.weight > 0.6 else CONFIDENCE / 2)


def _early(candidate: Candidate, turns: Sequence[Turn]) -> Candidate:
    is_early = candidate.span.message in {turn.message for turn in turns[:2]}
    return candidate if is_early else _weighed(candidate, candidate.weight - 0.5)


def _backed(candidate: Candidate, others: Iterable[Candidate]) -> Candidate:
    """A name that is said again, or in part, is surer."""
    words = set(candidate.words)
    again = sum(1 for c in others if c.span != candidate.span and words & set(c.words))
    return _weighed(candidate, candidate.weight + 0.2 * min(again, 3))


def _weighed(candidate: Candidate, weight: float) -> Candidate:
    return Candidate(candidate.name, candidate.span, weight)


# -- names in a text ----------------------------------------------------------------------------
def _after(turn: Turn, leads: Sequence[Lead]) -> Iterator[Candidate]:
    for one in leads:
        for match in one.pattern.finditer(turn.text):
            candidate = _name_at(turn, match.end(), one.weight)
            if candidate:
                yield candidate


def _introduced(turn: Turn) -> Iterator[Candidate]:
    """`Carol speaking`, `Monique here`: the name is the last word before."""
    for match in INTRODUCED_AFTER.finditer(turn.text):
        words = match[1].split()
        for start in range(len(words)):
            begin = match.end(1) - len(" ".join(words[start:]))
            candidate = _name_at(turn, begin, 1.0)
            if candidate and candidate.span.end == match.end(1):
                yield candidate
                break


def _name_at(turn: Turn, start: int, weight: float) -> Candidate | None:
    match = NAME.match(turn.text, start)
    if match is None:
        return None
    words = _leading_name(match["name"].split(" "), _is_cased(turn.text))
    if not words:
        return None
    said = " ".join(words)
    begin = match.start("name")
    name = " ".join(word if word != word.lower() else _capital(word) for word in words)
    return Candidate(name, turn.span(begin, begin + len(said)), weight)


def _leading_name(words: list[str], cased: bool) -> list[str]:
    """The words that belong to a name, from the first on."""
    name: list[str] = []
    for word in words[:MAX_WORDS]:
        is_particle = bool(name) and word.lower() in PARTICLES
        if not (is_particle or _is_name(word, cased)):
            break
        name.append(word)
    return name if name and name[-1].lower() not in PARTICLES else name[:-1]


def _is_name(word: str, cased: bool) -> bool:
    has_capital = word[0].isupper() and (len(word) == 1 or not word.isupper())
    plain = word.lower().replace("’", "'") in PLAIN_WORDS
    return len(word) > 1 and not plain and (has_capital or not cased)


def _is_cased(text: str) -> bool:
    """Whether words are capitalised in it; a lone `I` or spelled letters do not tell."""
    return any(word[0].isupper() and word[1:].islower() for word in text.split() if len(word) > 2)


def _capital(word: str) -> str:
    return word if word in PARTICLES else "-".join(part.capitalize() for part in word.split("-"))
