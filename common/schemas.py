"""The gate for JSON Schemas (draft 2020-12) that tenants write, and the judge of values under them.

A schema is data from a stranger: it is bounded in size and in the work it can cause, its patterns
run in linear time, and its references stay inside it. Nothing here ever fetches anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NoReturn

import jsonschema_rs
import orjson

from common.bodies import dump_json
from common.subschemas import MAX_UNROLLED, Cost, walk
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire import pointers

MAX_BYTES = 64 * 1024
MAX_NODES = 500
MAX_DEPTH = 16
MAX_PATTERN = 512
MAX_FAULTS = 20
MAX_MESSAGE = 300
WRAPPING = 8  # schemas, and levels, that we may put around a tenant's own
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a value; `path` is the JSON pointer of the place, empty for the whole."""

    path: str
    message: str


def check_schema(schema: Json, path: str = "json_schema", *, wrapped: bool = False) -> None:
    """Raise InvalidRequest, naming the place below `path`, unless values can be judged by it.

    A schema that we `wrapped` around a tenant's own may be a little larger.
    """
    room = WRAPPING if wrapped else 0
    if not isinstance(schema, dict):
        raise InvalidRequest(path, "must be a JSON Schema object")
    text = _spell(schema, path)
    if len(text) > MAX_BYTES + room * 256:
        raise InvalidRequest(path, f"must be at most {MAX_BYTES} bytes of JSON")
    _check_shape(schema, path, room)
    try:
        compiled = _compile(text)
    except jsonschema_rs.ValidationError as fault:
        place = _dotted(path, fault.instance_path)
        raise InvalidRequest(place, _shorten(fault.message)) from None
    if compiled.cost.unrolled > MAX_UNROLLED:
        raise InvalidRequest(path, "repeats itself through $ref too often")


def faults(value: Json, schema: JsonObject) -> list[Fault]:
    """What `schema`, which has passed `check_schema`, holds against `value`; at most 20 faults."""
    compiled = _compile(_spell(schema, "json_schema"))
    limit = compiled.cost.deepest
    if limit is not None and not _is_shallow(value, limit):
        return [Fault(path="", message=f"nests deeper than {limit} levels")]
    return [
        Fault(path=pointers.pointer(e.instance_path), message=_shorten(e.message))
        for e in islice(compiled.validator.iter_errors(value), MAX_FAULTS)
    ]


# -- compiling ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Compiled:
    validator: jsonschema_rs.Validator
    cost: Cost


@lru_cache(maxsize=512)
def _compile(text: bytes) -> Compiled:
    schema = orjson.loads(text)
    validator = jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=False,
        retriever=_refuse,
        pattern_options=jsonschema_rs.RegexOptions(size_limit=1_000_000),
    )
    return Compiled(validator, Cost(schema))


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not part of the schema")


def _spell(schema: JsonObject, path: str) -> bytes:
    try:
        return dump_json(schema)
    except (TypeError, ValueError, RecursionError) as fault:
        raise InvalidRequest(path, f"is not JSON: {fault}") from None


# -- the gate -----------------------------------------------------------------------------------
def _check_shape(schema: JsonObject, path: str, room: int) -> None:
    for nodes, (pointer, depth, part) in enumerate(walk(schema), start=1):
        place = path + pointer.replace("/", ".")
        if nodes > MAX_NODES + room:
            raise InvalidRequest(path, f"must hold at most {MAX_NODES} schemas")
        if depth > MAX_DEPTH + room:
            raise InvalidRequest(place, f"nests deeper than {MAX_DEPTH} schemas")
        _check_references(part, place)
        _check_patterns(part, place)


def _check_references(part: JsonObject, place: str) -> None:
    for keyword in REFERENCES:
        target = part.get(keyword, "#")
        if isinstance(target, str) and not target.startswith("#"):
            raise InvalidRequest(f"{place}.{keyword}", "must point into this schema: '#/…'")


def _check_patterns(part: JsonObject, place: str) -> None:
    pattern, named = part.get("pattern"), part.get("patternProperties")
    if isinstance(pattern, str) and len(pattern) > MAX_PATTERN:
        raise InvalidRequest(f"{place}.pattern", f"must be at most {MAX_PATTERN} characters")
    if isinstance(named, dict) and any(len(name) > MAX_PATTERN for name in named):
        message = f"patterns must be at most {MAX_PATTERN} characters"
        raise InvalidRequest(f"{place}.patternProperties", message)


def _is_shallow(value: Json, limit: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return limit >= 0 and all(_is_shallow(v, limit - 1) for v in inner)


def _dotted(path: str, steps: Sequence[str | int]) -> str:
    return path + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)


def _shorten(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
