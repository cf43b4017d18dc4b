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
from common.subschemas import MAX_UNROLLED, Cost, resolve, walk
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire import pointers

MAX_BYTES = 64 * 1024
MAX_NODES = 500
MAX_DEPTH = 16
MAX_PATTERN = 512
MAX_FAULTS = 20
MAX_MESSAGE = 300
MAX_FILLED = 100  # items of a list in the smallest value
MAX_PLACES = 200  # and of all lists together, for lists inside lists multiply
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


def smallest(schema: JsonObject) -> Json:
    """A value that `schema` accepts with as little in it as possible; null where none is found."""
    candidates: tuple[Json, ...] = (
        _guess(schema, schema, MAX_DEPTH, MAX_PLACES),
        None,
        {},
        [],
        "",
        0,
        False,
    )
    return next((value for value in candidates if not faults(value, schema)), None)


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


# -- the smallest value -------------------------------------------------------------------------
def _guess(schema: Json, root: JsonObject, depth: int, room: int) -> Json:
    """Good for the schemas people write; `smallest` checks it. Lists have `room` for so many items
    in all."""
    if not isinstance(schema, dict) or depth < 0:
        return None
    if "const" in schema:
        constant: Json = schema["const"]
        return constant
    if isinstance(options := schema.get("enum"), list) and options:
        return None if None in options else options[0]
    if "$ref" in schema:
        return _guess(resolve(root, schema["$ref"]), root, depth - 1, room)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if isinstance(options := schema.get(keyword), list) and options:
            guesses = [_guess(option, root, depth - 1, room) for option in options]
            return None if None in guesses else guesses[0]
    return _guess_by_type(schema, root, depth, room)


def _guess_by_type(schema: JsonObject, root: JsonObject, depth: int, room: int) -> Json:
    match _main_type(schema):
        case "object":
            return _guess_object(schema, root, depth, room)
        case "array":
            items, least = schema.get("items"), min(_whole(schema.get("minItems")), room)
            return [_guess(items, root, depth - 1, room // max(least, 1))] * least
        case "string":
            return "-" * _whole(schema.get("minLength"))
        case "integer" | "number":
            return _guess_number(schema)
        case "boolean":
            return False
    return None


def _main_type(schema: JsonObject) -> Json:
    kind = schema.get("type")
    if isinstance(kind, list):
        return "null" if "null" in kind else next(iter(kind), None)
    return kind or ("object" if "properties" in schema or "required" in schema else None)


def _guess_object(schema: JsonObject, root: JsonObject, depth: int, room: int) -> JsonObject:
    properties, required = schema.get("properties"), schema.get("required")
    known = properties if isinstance(properties, dict) else {}
    names = required if isinstance(required, list) else []
    return {str(name): _guess(known.get(name), root, depth - 1, room) for name in names}


def _guess_number(schema: JsonObject) -> Json:
    """Zero, or the whole number or bound that is nearest to it."""
    for bound, step in (
        ("minimum", 0),
        ("exclusiveMinimum", 1),
        ("maximum", 0),
        ("exclusiveMaximum", -1),
    ):
        value = schema.get(bound)
        if isinstance(value, int | float) and (value + step > 0) is bound.endswith("inimum"):
            return value + step
    return 0


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and 0 <= value <= MAX_FILLED else 0
