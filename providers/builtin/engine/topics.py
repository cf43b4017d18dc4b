"""Which of several values a conversation is about.

Each value has prototypes: its name, its explanation. The customer's sentences are compared with
them; early ones count more, for people say early why they came. The nearest value wins, if it is
near at all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from providers.builtin.engine.fields import Field, words_of
from providers.builtin.engine.find import Find, found, stems
from providers.builtin.engine.glossary import explain
from providers.builtin.engine.sense import COMMON
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence
from providers.builtin.weights import Array

EXPLANATIONS = "x-enum-descriptions"
CATCH_ALL = re.compile(
    r"(?:other|none|unknown|general|misc\w*|n/?a|not applicable|unclear)(?: \w+)?", re.I
)
EARLY_BONUS = 0.5
EARLY_TURNS = 3
WORD_BONUS = 0.12
MIN_WORDS = 3
MIN_NAME = 3
BEST_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How near a value is, and the sentence that brings it there."""

    value: str
    score: float
    sentence: Sentence


def rank(study: Study, field: Field, values: Sequence[str]) -> list[Standing]:
    """The values that something was said about, nearest first."""
    sentences = _telling(study)
    explanations = explained(field, values)
    named = [value for value in values if _tells(words_of(value), explanations[value])]
    if not sentences or not named:
        return []
    standings = [_standing(study, sentences, value, explanations[value]) for value in named]
    return sorted(standings, key=lambda standing: -standing.score)


def find_topic(study: Study, field: Field, values: Sequence[str]) -> Find | None:
    """The nearest value; `other` or its like, if there is one and nothing is near."""
    ranked = rank(study, field, values)
    if ranked and ranked[0].score >= study.sense.thresholds.related:
        lead = ranked[0].score - (ranked[1].score if len(ranked) > 1 else 0.0)
        return found(ranked[0].value, [ranked[0].sentence.span], 0.4 + lead)
    spare = next((value for value in values if CATCH_ALL.fullmatch(words_of(value))), None)
    if spare is None or not ranked:
        return None
    return found(spare, [ranked[0].sentence.span], 0.3)


def explained(field: Field, values: Sequence[str]) -> Mapping[str, str]:
    """What each value means: by the schema, by `value: text; …` in the description, by glossary."""
    given = field.schema.get(EXPLANATIONS)
    listed = given if isinstance(given, Mapping) else {}
    return {
        value: str(
            listed.get(value) or _described(field.description, value) or explain(words_of(value))
        )
        for value in values
    }


def _described(description: str, value: str) -> str:
    pattern = rf"(?:^|[;.,\n(]\s*|\s-\s*){re.escape(value)}['\"`]?\s*[:=]\s*([^;\n]+)"
    match = re.search(pattern, description, re.I)
    return match[1].strip() if match else ""


def _tells(name: str, means: str) -> bool:
    """`other` is about nothing, and neither is a code of a letter or two that nobody explains."""
    return not CATCH_ALL.fullmatch(name) and (len(name) >= MIN_NAME or bool(means))


def _telling(study: Study) -> list[Sentence]:
    """The customer's sentences that are long enough to say what it is about; all, if none is."""
    said = study.transcript.sentences_of("customer") or study.transcript.sentences
    return [s for s in said if s.words >= MIN_WORDS] or list(said)


def _standing(study: Study, sentences: Sequence[Sentence], value: str, means: str) -> Standing:
    name = words_of(value)
    prototypes = [text for text in (name, f"This is about {name}", means) if text]
    everything = " ".join(s.text for s in sentences)
    texts = [*(s.text for s in sentences), everything]
    cosines = study.sense.closeness(texts, prototypes)
    # Two thirds of the weight is the explanation's, where there is one.
    near = (
        cosines.mean(axis=1) if not means else (cosines[:, :2].mean(axis=1) + 2 * cosines[:, 2]) / 3
    )
    words = f"{means} {explain(name)}"
    each = (near[:-1] + _shared_words(sentences, name, words)) * _early(sentences)
    best = np.sort(each)[-BEST_SENTENCES:]
    score = 0.8 * float(best.mean()) + 0.2 * float(near[-1])
    return Standing(value, score, sentences[int(each.argmax())])


def _early(sentences: Sequence[Sentence]) -> Array:
    bonus = [EARLY_BONUS * (s.turn.order < EARLY_TURNS) for s in sentences]
    return np.array(bonus, np.float32) + 1


def _shared_words(sentences: Sequence[Sentence], name: str, means: str) -> Array:
    """A bonus for each word of the value that a sentence says; its name's words count double."""
    names, words = set(stems(name)) - COMMON, set(stems(means)) - COMMON
    shared = [
        2 * len(names & said) + len((words - names) & said)
        for said in (set(stems(s.text)) for s in sentences)
    ]
    return np.minimum(np.array(shared, np.float32), 3) * np.float32(WORD_BONUS)
