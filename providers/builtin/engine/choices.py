"""One of a list of values: a feeling, a yes or no, a degree of urgency, a topic."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from providers.builtin.engine.booleans import find_boolean
from providers.builtin.engine.cues import cue, hear
from providers.builtin.engine.fields import Field, words_of
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.sentiment import Mood, feel
from providers.builtin.engine.study import Study
from providers.builtin.engine.topics import find_topic, rank

type Values = Sequence[str]

# Moods by name, and from which mood on (0 to 1) they are the nearest.
FEELINGS = (
    (r"very (?:negative|dissatisfied|unhappy|bad)|furious|angry|terrible", 0.08),
    (
        r"negative|dissatisfied|unhappy|frustrated|upset|bad|poor|disappointed|annoyed|sad"
        r"|detractor",
        0.25,
    ),
    (r"mixed|somewhat negative", 0.45),
    (r"neutral|okay|ok|average|fair|indifferent|calm|passive", 0.55),
    (r"somewhat positive", 0.68),
    (r"positive|satisfied|happy|good|pleased|promoter|joy", 0.82),
    (r"very (?:positive|satisfied|happy|good)|delighted|excellent|thrilled", 0.96),
)
FEELING_NAMES = tuple((re.compile(pattern, re.I), mood) for pattern, mood in FEELINGS)
YES_NO = {"yes": True, "no": False, "true": True, "false": False}
OUTCOMES = (
    (re.compile(r"(?:fully )?(?:resolved|solved|closed|completed?|success\w*)", re.I), True),
    (
        re.compile(
            r"(?:unresolved|unsolved|open|pending|not resolved|failed|failure|escalated"
            r"|incomplete)",
            re.I,
        ),
        False,
    ),
)
DEGREES = (
    (re.compile(r"(?:very )?low|minor|trivial|not urgent", re.I), 0.0),
    (re.compile(r"medium|moderate|normal|standard", re.I), 0.5),
    (re.compile(r"high|major|urgent|severe", re.I), 1.0),
    (re.compile(r"critical|emergency|very high|blocker", re.I), 1.6),
)
DEGREE_LABEL = re.compile(r"\b(?:urgen\w+|priority|severity|importance|impact)\b", re.I)
PRESSING = (
    cue(
        1.6,
        r"(?:emergency|dangerous|injur\w+|fire|flood\w*|gas leak|sparks?|bleeding|chest pain"
        r"|life)\b",
    ),
    cue(
        1.0,
        r"(?:urgent\w*|asap|as soon as possible|immediately|right (?:now|away)|straight away"
        r"|can['’]?t wait|today|desperate\w*|critical)\b",
        "customer",
    ),
    cue(
        0.6,
        r"(?:can['’]?t (?:work|use|be without|access|log)|not working|stopped working|still (?:not"
        r"|hasn)|ridiculous|unacceptable|leaking|locked|double charged|twice)",
        "customer",
    ),
    cue(
        0.3,
        r"(?:by (?:friday|monday|tomorrow|the end)|soon|quickly|waiting|late|problem|broken)\b",
        "customer",
    ),
)


def find_choice(study: Study, field: Field, values: Values) -> Find | None:
    """The value that fits; every kind of list that its values give away has its own method."""
    method = next((m for m in METHODS if m.suits(field, values)), None)
    return method.find(study, field, values) if method else find_topic(study, field, values)


def find_choices(study: Study, field: Field, values: Values, most: int) -> list[Find]:
    """The values that were spoken about, nearest first, at most `most`."""
    ranked = rank(study, field, values)
    if not ranked:
        return []
    floor = max(study.sense.thresholds.related, 0.8 * ranked[0].score)
    near = [standing for standing in ranked if standing.score >= floor][:most]
    return [found(standing.value, [standing.sentence.span], 0.45) for standing in near]


# -- feelings -----------------------------------------------------------------------------------
def _mood_of(value: str) -> float | None:
    name = words_of(value)
    return next((mood for pattern, mood in FEELING_NAMES if pattern.fullmatch(name)), None)


def _are_feelings(field: Field, values: Values) -> bool:
    """At least two values are feelings, of both sides, and no more than one is anything else:
    `bad` or `calm` alone may be about anything."""
    moods = [mood for mood in map(_mood_of, values) if mood is not None]
    return len(moods) >= max(2, len(values) - 1) and min(moods) < 0.5 < max(moods)


def _find_feeling(study: Study, field: Field, values: Values) -> Find | None:
    mood = study.once(feel)
    if mood is None:
        return None
    plain = next((value for value in values if words_of(value) == mood.label), None)
    is_fine = sum(_mood_of(value) is not None for value in values) > 3
    chosen = _nearest_feeling(mood, values) if plain is None or is_fine else plain
    return found(chosen, mood.spans, mood.confidence * 0.85)


def _nearest_feeling(mood: Mood, values: Values) -> str:
    placed = [(value, place) for value in values if (place := _mood_of(value)) is not None]
    return min(placed, key=lambda pair: abs(pair[1] - mood.value))[0]


# -- yes, no and outcomes -----------------------------------------------------------------------
def _are_answers(field: Field, values: Values) -> bool:
    return sum(value.lower() in YES_NO for value in values) >= 2


def _find_answer(study: Study, field: Field, values: Values) -> Find | None:
    find = find_boolean(study, field)
    if find is None:
        return None
    chosen = next(value for value in values if YES_NO.get(value.lower()) is find.value)
    return found(chosen, find.spans, find.confidence)


def _outcome_of(value: str) -> bool | None:
    name = words_of(value)
    return next((outcome for pattern, outcome in OUTCOMES if pattern.fullmatch(name)), None)


def _are_outcomes(field: Field, values: Values) -> bool:
    return {True, False} <= {_outcome_of(value) for value in values}


def _find_outcome(study: Study, field: Field, values: Values) -> Find | None:
    find = find_boolean(study, Field(label="resolved", schema={}))
    if find is None:
        return None
    chosen = next(value for value in values if _outcome_of(value) is find.value)
    return found(chosen, find.spans, find.confidence * 0.9)


# -- degrees ------------------------------------------------------------------------------------
def _degree_of(value: str) -> float | None:
    name = words_of(value)
    return next((degree for pattern, degree in DEGREES if pattern.fullmatch(name)), None)


def _are_degrees(field: Field, values: Values) -> bool:
    placed = sum(_degree_of(value) is not None for value in values)
    return placed >= 2 and (placed == len(values) or bool(DEGREE_LABEL.search(field.wanted)))


def _find_degree(study: Study, field: Field, values: Values) -> Find | None:
    signs = hear(study.transcript.sentences_of("customer"), PRESSING)
    if not signs:
        return None
    strongest = max(signs, key=lambda sign: sign.weight)
    placed = [(value, place) for value in values if (place := _degree_of(value)) is not None]
    chosen = min(placed, key=lambda pair: abs(pair[1] - strongest.weight))[0]
    return found(chosen, [strongest.sentence.span], 0.45)


@dataclass(frozen=True, slots=True)
class Method:
    """How one kind of list is recognised, and how its value is found."""

    suits: Callable[[Field, Values], bool]
    find: Callable[[Study, Field, Values], Find | None]


METHODS = (
    Method(_are_answers, _find_answer),
    Method(_are_feelings, _find_feeling),
    Method(_are_degrees, _find_degree),
    Method(_are_outcomes, _find_outcome),
)
