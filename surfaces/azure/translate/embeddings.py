"""Embeddings, in six spellings.

Numbers and base64 are the format's own. The others are made here of the numbers, for no upstream is
asked for them: `int8` is 127 times the number, rounded; `uint8` the same above 128; `binary` and
`ubinary` hold the signs of eight dimensions in a byte, the first in its highest bit.
`input_type` is checked and changes nothing: no model here tells a query from a document.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from common import ids
from surfaces.azure.translate.parameters import HEADER, settle
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.json import Json, JsonObject
from wire import openai_embeddings
from wire.fields import find_choice
from wire.shapes import NUMBER, TEXT, WHOLE, array, either, nullable, record, whole, word

type Quantity = Literal["int8", "uint8", "binary", "ubinary"]

KNOWN: Final = frozenset({"input", "dimensions", "encoding_format", "input_type", "model"})
INPUT_TYPES: Final = {name: name for name in ("text", "query", "document")}
SPELLINGS: Final = {
    name: name for name in ("float", "base64", "int8", "uint8", "binary", "ubinary")
}
REQUEST: Final = record(
    "EmbeddingRequest",
    {
        "input": either(TEXT, array(TEXT, least=1)),
        "dimensions": nullable(whole(1)),
        "encoding_format": nullable(word(*SPELLINGS)),
        "input_type": nullable(word(*INPUT_TYPES)),
        "model": nullable(TEXT),
    },
    required=["input"],
)
EMBEDDINGS: Final = record(
    "Embeddings",
    {
        "id": TEXT,
        "object": word("list"),
        "model": TEXT,
        "data": array(
            record(
                "Embedding",
                {
                    "object": word("embedding"),
                    "index": WHOLE,
                    "embedding": either(array(NUMBER), TEXT),
                },
            )
        ),
        "usage": record("EmbeddingUsage", {"prompt_tokens": WHOLE, "total_tokens": WHOLE}),
    },
)


def parse_embedding(
    body: JsonObject, headers: Mapping[str, str], *, model: str
) -> EmbeddingRequest:
    """`model` is the one to ask. Raises InvalidRequest."""
    kept, _ = settle(body, KNOWN, headers.get(HEADER, ""))
    find_choice(kept, "input_type", "", INPUT_TYPES)
    return openai_embeddings.parse_request({**kept, "model": model})


def parse_spelling(body: JsonObject) -> str:
    return find_choice(body, "encoding_format", "", SPELLINGS) or "float"


def render_embeddings(response: EmbeddingResponse, spelling: str) -> JsonObject:
    base: Literal["float", "base64"] = "base64" if spelling == "base64" else "float"
    body = {"id": ids.new("embd"), **openai_embeddings.render_response(response, base)}
    if spelling not in _QUANTITIES:
        return body
    quantify = _QUANTITIES[spelling]
    data: list[Json] = [
        {"object": "embedding", "index": index, "embedding": quantify(vector)}
        for index, vector in enumerate(response.vectors)
    ]
    return {**body, "data": data}


def _int8(vector: Sequence[float]) -> list[int]:
    return [max(-128, min(127, round(number * 127))) for number in vector]


def _uint8(vector: Sequence[float]) -> list[int]:
    return [number + 128 for number in _int8(vector)]


def _ubinary(vector: Sequence[float]) -> list[int]:
    bits = "".join("1" if number > 0 else "0" for number in vector)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return [int(padded[place : place + 8], 2) for place in range(0, len(padded), 8)]


def _binary(vector: Sequence[float]) -> list[int]:
    return [byte - 128 for byte in _ubinary(vector)]


_QUANTITIES: Final[Mapping[str, Callable[[Sequence[float]], list[int]]]] = {
    "int8": _int8,
    "uint8": _uint8,
    "binary": _binary,
    "ubinary": _ubinary,
}
