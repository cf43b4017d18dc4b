"""Embeddings in the OpenAI format, both directions.

Vectors travel as arrays of numbers or as base64 of little-endian float32; clients that do not say
which get what they asked for by default, servers may answer with either.
"""

import base64
import binascii
import sys
from array import array
from collections.abc import Sequence
from typing import Literal

from vocabulary.chat import Usage
from vocabulary.embeddings import EmbeddingInput, EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.fields import (
    as_list,
    as_number,
    as_object,
    as_whole,
    find_choice,
    find_object,
    find_text,
    find_whole,
    get_list,
    get_text,
    place,
)
from wire.openai_usage import parse_usage

type Spelling = Literal["float", "base64"]

SPELLINGS: dict[str, Spelling] = {"float": "float", "base64": "base64"}
MAX_INPUTS = 2048


# -- the question -------------------------------------------------------------------------------
def parse_request(body: Json) -> EmbeddingRequest:
    """Raises InvalidRequest."""
    body = as_object(body, "")
    return EmbeddingRequest(
        model=get_text(body, "model", ""),
        inputs=_parse_inputs(body.get("input")),
        dimensions=find_whole(body, "dimensions", "", least=1),
        user=find_text(body, "user", ""),
    )


def parse_spelling(body: JsonObject) -> Spelling:
    """How the caller wants the vectors spelled; numbers unless it says otherwise."""
    return find_choice(body, "encoding_format", "", SPELLINGS) or "float"


def render_request(request: EmbeddingRequest, spelling: Spelling = "float") -> dict[str, Json]:
    body: dict[str, Json] = {
        "model": request.model,
        "input": [i if isinstance(i, str) else list(i) for i in request.inputs],
        "encoding_format": spelling,
    }
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    if request.user is not None:
        body["user"] = request.user
    return body


def _parse_inputs(value: Json) -> tuple[EmbeddingInput, ...]:
    """A text, token ids, or an array of either."""
    if value is None:
        raise InvalidRequest("input", "is required", missing=True)
    if isinstance(value, str):
        return (_parse_input(value, "input"),)
    items = as_list(value, "input")
    if not 1 <= len(items) <= MAX_INPUTS:
        raise InvalidRequest("input", f"must hold 1 to {MAX_INPUTS} inputs")
    if isinstance(items[0], int | float):
        return (_parse_input(items, "input"),)
    return tuple([_parse_input(item, f"input[{i}]") for i, item in enumerate(items)])


def _parse_input(value: Json, at: str) -> EmbeddingInput:
    if not value:
        raise InvalidRequest(at, "must not be empty")
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise InvalidRequest(at, "must be a string or an array of token ids")
    return tuple([as_whole(token, f"{at}[{i}]") for i, token in enumerate(value)])


# -- the answer ---------------------------------------------------------------------------------
def parse_response(body: Json) -> EmbeddingResponse:
    """Raises InvalidRequest. Vectors are put in the order of their inputs."""
    body = as_object(body, "")
    data = get_list(body, "data", "")
    rows = sorted(_parse_row(row, i, f"data[{i}]") for i, row in enumerate(data))
    if [index for index, _ in rows] != list(range(len(rows))):
        raise InvalidRequest("data", "must hold one embedding for each input")
    return EmbeddingResponse(
        model=find_text(body, "model", "") or "",
        vectors=tuple([vector for _, vector in rows]),
        usage=parse_usage(find_object(body, "usage", ""), "usage") or Usage(),
    )


def render_response(response: EmbeddingResponse, spelling: Spelling) -> JsonObject:
    spell = _spell_base64 if spelling == "base64" else list
    return {
        "object": "list",
        "model": response.model,
        "data": [
            {"object": "embedding", "index": i, "embedding": spell(vector)}
            for i, vector in enumerate(response.vectors)
        ],
        "usage": {
            "prompt_tokens": response.usage.prompt_tokens,
            "total_tokens": response.usage.total_tokens,
        },
    }


def _parse_row(value: Json, position: int, at: str) -> tuple[int, tuple[float, ...]]:
    body = as_object(value, at)
    index = find_whole(body, "index", at, least=0)
    vector = _parse_vector(body.get("embedding"), place(at, "embedding"))
    return (position if index is None else index), vector


def _parse_vector(value: Json, at: str) -> tuple[float, ...]:
    if isinstance(value, str):
        return _read_base64(value, at)
    return tuple([as_number(number, f"{at}[{i}]") for i, number in enumerate(as_list(value, at))])


def _read_base64(text: str, at: str) -> tuple[float, ...]:
    vector = array("f")
    try:
        vector.frombytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise InvalidRequest(at, "must be base64 of little-endian float32") from None
    return tuple(_little_endian(vector))


def _spell_base64(vector: Sequence[float]) -> str:
    return base64.b64encode(_little_endian(array("f", vector))).decode()


def _little_endian(vector: "array[float]") -> "array[float]":
    if sys.byteorder == "big":
        vector.byteswap()
    return vector
