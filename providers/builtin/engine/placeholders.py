"""The smallest value that fits a schema: it stands where nothing was found and null is refused."""

import math
from collections.abc import Mapping

from providers.builtin.engine.samples import sample
from providers.builtin.engine.shapes import branches, lengths, plain, types
from vocabulary.json import Json, JsonObject

MAX_DEPTH = 16
MAX_FILLED = 100
# Items of lists inside lists multiply: so many there may be in all.
MAX_PLACES = 200
FILLER = "-"


def placeholder(
    schema: Json, root: JsonObject, depth: int = MAX_DEPTH, room: int = MAX_PLACES
) -> Json:
    """A value made of the schema alone, with `room` for so many items of lists. It may still be
    wrong: the caller has it judged."""
    if schema is True or depth < 0:
        return None
    shape = plain(schema, root)
    if "const" in shape:
        return shape["const"]
    if isinstance(options := shape.get("enum"), list) and options:
        return None if None in options else options[0]
    if "default" in shape and shape["default"] is None:
        return None
    option = _simplest(branches(shape, root))
    if option is not shape:
        return placeholder(option, root, depth - 1, room)
    said = shape.get("type")
    if said == "null" or (isinstance(said, list) and "null" in said):
        return None
    return _typed(shape, root, depth, room)


def _simplest(options: list[JsonObject]) -> JsonObject:
    """Null before plain values, plain values before containers."""
    order = (None, "boolean", "number", "integer", "string", "array", "object")

    def rank(option: JsonObject) -> int:
        kind = next(iter(types(option)), None)
        return order.index(kind) if kind in order else len(order)

    return min(options, key=rank)


def _typed(shape: JsonObject, root: JsonObject, depth: int, room: int) -> Json:
    match next(iter(types(shape)), None):
        case "object":
            return _object(shape, root, depth, room)
        case "array":
            return topped_up([], shape, root, depth, room)
        case "string":
            return _text(shape)
        case "integer":
            return math.ceil(_number(shape, step=1))
        case "number":
            return _number(shape, step=0.5)
        case "boolean":
            return False
    return None


def _object(shape: JsonObject, root: JsonObject, depth: int, room: int) -> JsonObject:
    properties, required = shape.get("properties"), shape.get("required")
    known = properties if isinstance(properties, Mapping) else {}
    names = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
    return {name: placeholder(known.get(name), root, depth - 1, room) for name in names}


def topped_up(
    items: list[Json],
    shape: JsonObject,
    root: JsonObject,
    depth: int = MAX_DEPTH,
    room: int = MAX_PLACES,
) -> list[Json]:
    """`items` and as many of the smallest as are still missing."""
    least = min(lengths(shape, 0).least, MAX_FILLED, room)
    inside = room // max(least, 1)
    first = shape.get("prefixItems")
    schemas = [*(first if isinstance(first, list) else []), *[shape.get("items")] * least]
    missing = [
        placeholder(schema, root, depth - 1, inside) for schema in schemas[len(items) : least]
    ]
    if shape.get("uniqueItems") is True:
        missing = [_numbered(item, number) for number, item in enumerate(missing)]
    return [*items, *missing]


def _numbered(item: Json, number: int) -> Json:
    """Another one of its kind for each number."""
    match item:
        case str():
            return f"{item}{number}" if number else item
        case int() | float() if not isinstance(item, bool):
            return item + number
    return item


def _text(shape: JsonObject) -> str:
    least, pattern = shape.get("minLength"), shape.get("pattern")
    length = min(least, MAX_FILLED) if isinstance(least, int) else 0
    if isinstance(pattern, str):
        return sample(pattern, length) or ""
    return FILLER * length


def _number(shape: JsonObject, step: float) -> float:
    """The allowed number nearest to zero."""
    low, high = _bounds(shape, step)
    multiple = shape.get("multipleOf")
    value = min(max(0, low), high)
    if isinstance(multiple, int | float) and multiple > 0:
        value = (
            math.ceil(value / multiple) * multiple
            if value >= 0
            else (math.floor(value / multiple) * multiple)
        )
    return int(value) if value == int(value) else value


def _bounds(shape: JsonObject, step: float) -> tuple[float, float]:
    low = max(
        _bound(shape, "minimum", -math.inf), _bound(shape, "exclusiveMinimum", -math.inf) + step
    )
    high = min(
        _bound(shape, "maximum", math.inf), _bound(shape, "exclusiveMaximum", math.inf) - step
    )
    return low, high


def _bound(shape: JsonObject, keyword: str, default: float) -> float:
    value = shape.get(keyword)
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
    )
