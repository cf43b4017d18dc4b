"""What an embedding is: texts (or token ids) in, vectors out, in the same order."""

from dataclasses import dataclass, field

from vocabulary.chat import Usage
from vocabulary.json import JsonObject

type EmbeddingInput = str | tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRequest:
    model: str
    inputs: tuple[EmbeddingInput, ...]
    dimensions: int | None = None
    user: str | None = None
    extras: dict[str, JsonObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingResponse:
    """`vectors[i]` belongs to `inputs[i]`; float32 values."""

    model: str
    vectors: tuple[tuple[float, ...], ...]
    usage: Usage
    served_by: str = ""
