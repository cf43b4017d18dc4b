"""The models that are built in, each with its limit in one sentence."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinModel:
    """`id` is what follows `builtin/`; `context_length` is in tokens.

    `parameters` counts trained weights: 0 for what was written, not trained. What `is_trainable`
    may be the base of a fine-tuning.
    """

    id: str
    power: Literal["chat", "embedding", "speech", "transcription"]
    description: str
    context_length: int
    languages: tuple[str, ...] = ()
    parameters: int = 0
    is_trainable: bool = False
    licence: str = "apache-2.0"


MODELS = (
    BuiltinModel(
        id="extractive",
        power="chat",
        description="Finds and quotes what is there; it never composes an answer.",
        context_length=131_072,
        languages=("en",),
    ),
    BuiltinModel(
        id="echo",
        power="chat",
        description="Repeats the last user message; for tests and wiring.",
        context_length=131_072,
    ),
    BuiltinModel(
        id="minilm",
        power="embedding",
        description=(
            "all-MiniLM-L6-v2: 384 dimensions, English; it reads 256 tokens at once, "
            "longer texts in averaged windows."
        ),
        context_length=256,
        languages=("en",),
        parameters=22_713_216,
        is_trainable=True,
    ),
    BuiltinModel(
        id="speak",
        power="speech",
        description="espeak-ng: robotic voices of more than a hundred languages.",
        context_length=0,
        licence="gpl-3.0",
    ),
    BuiltinModel(
        id="listen",
        power="transcription",
        description=(
            "pocketsphinx, demonstration quality: clear American English up to ten minutes, "
            "lower case, no punctuation."
        ),
        context_length=0,
        languages=("en",),
        licence="bsd-2-clause",
    ),
)
