"""Summaries and lists of quoted sentences: the wish, what was done about it, what else matters.

Sentences are ranked as in TextRank (a sentence matters if it is like many others); the customer's
first substantial one and the agent's last undertaking have a seat of their own.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from providers.builtin.engine.cues import Sign, hear
from providers.builtin.engine.find import TOKEN, Find, found, quote, stem, stems
from providers.builtin.engine.outcome_phrases import CLOSED, OPEN
from providers.builtin.engine.sense import COMMON
from providers.builtin.engine.study import Study
from providers.builtin.engine.talk_phrases import PROMISES, SMALL_TALK, WISHES
from providers.builtin.engine.transcript import Sentence

DAMPING = 0.85
ROUNDS = 20
MIN_SUBSTANCE = 3
DEFAULT_SENTENCES = 3
ROOM = 600
ASKED_FOR = re.compile(
    r"\b(one|two|three|four|five|six|single|\d+)[- ](?:short )?(?:sentences?|lines?)", re.I
)
COUNTS = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def summarise(study: Study, most: int = DEFAULT_SENTENCES, room: int = ROOM) -> Find | None:
    """At most `most` sentences of the conversation, in its order, in at most `room` characters.

    None is told twice, though footers stand on every page.
    """
    chosen: list[Sentence] = []
    for sentence in _by_merit(study):
        length = sum(len(s.text) + 1 for s in chosen) + len(sentence.text)
        is_new = all(s.text != sentence.text for s in chosen)
        if is_new and len(chosen) < most and length <= room:
            chosen.append(sentence)
    ordered = _in_order(chosen)
    text = " ".join(s.text for s in ordered)
    return found(text, [s.span for s in ordered], 0.6) if ordered else None


def sentences_asked_for(instructions: str) -> int:
    """How many sentences the instructions allow."""
    said = ASKED_FOR.search(instructions)
    if said is None:
        return DEFAULT_SENTENCES
    word = said[1].lower()
    return max(COUNTS.get(word) or int(word), 1)


def find_wish(study: Study, most: int = 1) -> list[Find]:
    """What the customer came with: their first substantial sentences."""
    own = study.transcript.sentences_of("customer")
    return [quote(s, 0.5) for s in (_substantial(own) or own)[:most]]


def find_undertakings(study: Study, most: int = 1) -> list[Find]:
    """What was promised or set going: the surest, in the conversation's order."""
    signs = [s for s in hear(study.transcript.sentences, PROMISES) if not _is_question(s.sentence)]
    best = sorted(signs, key=lambda sign: (-sign.weight, sign.sentence.turn.order))[:most]
    return [quote(s, 0.55) for s in _in_order(sign.sentence for sign in best)]


def find_nearest(
    study: Study, wanted: str, most: int = 1, floor: float | None = None
) -> list[Find]:
    """The sentences that are about `wanted`, nearest first; none below the cosine `floor`."""
    least = study.sense.thresholds.says if floor is None else floor
    ranked = study.nearest(wanted, study.transcript.sentences)
    return [quote(s, cosine) for cosine, s in ranked[:most] if cosine >= least]


def find_keyphrases(study: Study, most: int) -> list[Find]:
    """Words that the conversation keeps coming back to, each quoted where it stands first."""
    places: dict[str, list[Find]] = {}
    for sentence in study.transcript.sentences:
        for match in TOKEN.finditer(sentence.text):
            key = stem(match[0].lower())
            if match[0].isalpha() and len(match[0]) > 3 and key not in COMMON:
                span = sentence.turn.span(
                    sentence.start + match.start(), sentence.start + match.end()
                )
                places.setdefault(key, []).append(found(match[0].lower(), [span], 0.4))
    ranked = sorted(places.values(), key=lambda finds: -len(finds))
    return [finds[0] for finds in ranked if len(finds) > 1][:most]


# -- merit --------------------------------------------------------------------------------------
def _by_merit(study: Study) -> list[Sentence]:
    """The wish, what came of it, then the rest by rank; each sentence once."""
    everything = study.transcript.sentences
    telling = _substantial(everything) or list(everything)
    seats = [*_wishes(telling)[:1], *_outcomes(telling)[:1]]
    return list(dict.fromkeys([*seats, *_ranked(study, telling)]))


def _wishes(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The customer's first sentences, one that words a wish or a trouble before the others."""
    first = [s for s in sentences if s.turn.speaker == "customer"][:3]
    worded = [sign.sentence for sign in hear(first, WISHES)]
    return [*worded, *(s for s in first if s not in worded)]


def _outcomes(sentences: Sequence[Sentence]) -> list[Sentence]:
    """What the agent did or promised: strong signs, full sentences and late ones first."""
    signs = hear(sentences, [*PROMISES, *CLOSED, *OPEN])
    own = [sign for sign in signs if sign.sentence.turn.speaker == "agent"]

    def merit(sign: Sign) -> float:
        place = sign.sentence.turn.place
        return sign.weight + 0.05 * min(_substance(sign.sentence), 8) + 0.2 * place

    return [
        s.sentence for s in sorted(own, key=merit, reverse=True) if not _is_question(s.sentence)
    ]


def _in_order(sentences: Iterable[Sentence]) -> list[Sentence]:
    return sorted(sentences, key=lambda s: (s.turn.order, s.start))


def _substantial(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Those that say something; an agent's first words are a greeting."""
    greetings = [s for s in sentences if s.turn.order == 0 and s.turn.speaker == "agent"]
    return [s for s in sentences if _substance(s) >= MIN_SUBSTANCE and s not in greetings]


def _substance(sentence: Sentence) -> int:
    """How many words are left when greetings and common words are gone."""
    return sum(s not in COMMON for s in stems(SMALL_TALK.sub("", sentence.text)))


def _is_question(sentence: Sentence) -> bool:
    return sentence.text.endswith("?")


def _ranked(study: Study, sentences: Sequence[Sentence]) -> list[Sentence]:
    """TextRank over cosines, times substance; questions count half, for answers say more."""
    if not sentences:
        return []
    texts = [s.text for s in sentences]
    likeness = np.maximum(study.sense.closeness(texts, texts), 0)
    np.fill_diagonal(likeness, 0)
    shares = likeness / np.maximum(likeness.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(len(sentences), 1 / len(sentences))
    for _ in range(ROUNDS):
        rank = (1 - DAMPING) / len(sentences) + DAMPING * rank @ shares
    weights = [_substance(s) ** 0.5 * (0.5 if _is_question(s) else 1) for s in sentences]
    return [sentences[index] for index in np.argsort(-rank * np.array(weights), kind="stable")]
