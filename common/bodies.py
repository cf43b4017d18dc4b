"""Decoding of JSON that strangers send: bounded in depth and count before a parser sees it."""

import json
import re

import orjson

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json

MOST_DEPTH = 64
MOST_MARKS = 200_000
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Possessive, or a long string would cost the engine a hundred times its size in memory."""
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def parse_json(raw: bytes) -> Json:
    """The value that `raw` spells. Raises `InvalidRequest` with an empty path.

    Refused besides what is not JSON: more than 64 levels, more than 200,000 brackets, commas and
    colons outside strings (25 MB of `[],` would become 674 MB), NUL, lone surrogates, NaN.
    """
    _check_shape(raw)
    if b"\\u0000" in raw and _NUL.search(raw):
        raise InvalidRequest("", "the body holds a NUL character")
    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest("", f"the body is not valid JSON: {error}") from error
    return value


def dump_json(value: Json) -> bytes:
    """Spell `value` compactly in UTF-8. Raises `TypeError` or `ValueError` for what is not JSON.

    PostgreSQL gives 1e20 back as a whole number, of which the fast encoder knows 64 bits.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()


def _check_shape(raw: bytes) -> None:
    """Only a body with enough brackets or marks to be at fault pays for a closer look."""
    opens = raw.count(b"[") + raw.count(b"{")
    if opens <= MOST_DEPTH and 2 * opens + raw.count(b",") + raw.count(b":") <= MOST_MARKS:
        return
    bare = _STRINGS.sub(b"", raw)
    if sum(bare.count(mark) for mark in (b"[", b"]", b"{", b"}", b",", b":")) > MOST_MARKS:
        raise InvalidRequest("", f"the body has more than {MOST_MARKS} structural characters")
    if _depth(bare.translate(None, _NOT_BRACKETS)) > MOST_DEPTH:
        raise InvalidRequest("", f"the body is nested deeper than {MOST_DEPTH} levels")


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
