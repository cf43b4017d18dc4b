"""What a schema comes to for a reader of values: references followed, parts of `allOf` made one.

A shape is a schema without `$ref` and `allOf` at its top. It need not be exact: what is built by it
is judged by the schema itself afterwards.
"""

from collections.abc import Mapping
from typing import NamedTuple

from common.subschemas import resolve
from vocabulary.json import Json, JsonObject

MAX_STEPS = 16
UNITED = ("properties", "$defs", "definitions")
TYPES = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


class Range(NamedTuple):
    least: int
    most: int


def plain(schema: Json, root: JsonObject, steps: int = MAX_STEPS) -> JsonObject:
    """`schema` with its references followed and `allOf` merged; {} for anything that is none."""
    if not isinstance(schema, Mapping) or steps < 0:
        return {}
    if "$ref" in schema:
        target = plain(resolve(root, schema["$ref"]), root, steps - 1)
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return plain(merged(target, rest), root, steps - 1)
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    whole: JsonObject = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        whole = merged(whole, plain(part, root, steps - 1))
    return whole


def merged(left: JsonObject, right: JsonObject) -> JsonObject:
    """Both schemas at once, as far as one can be written down; what clashes is the right one's."""
    united: dict[str, Json] = {**left, **right}
    for key in UNITED:
        mine, theirs = left.get(key), right.get(key)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            united[key] = {**mine, **theirs}
    mine, theirs = left.get("required"), right.get("required")
    if isinstance(mine, list) and isinstance(theirs, list):
        united["required"] = list(dict.fromkeys([*mine, *theirs]))
    return united


def branches(shape: JsonObject, root: JsonObject) -> list[JsonObject]:
    """The alternatives of `anyOf` or `oneOf`, each with the rest of the schema; else the one."""
    for keyword in ("anyOf", "oneOf"):
        options = shape.get(keyword)
        if isinstance(options, list):
            rest = {key: value for key, value in shape.items() if key != keyword}
            return [merged(rest, plain(option, root)) for option in options]
    return [shape]


def types(shape: JsonObject) -> list[str]:
    """The types that a value may have, `null` apart; guessed from the keywords where unsaid."""
    said = shape.get("type")
    listed = said if isinstance(said, list) else [said]
    named = [kind for kind in listed if isinstance(kind, str) and kind != "null"]
    if named or said is not None:
        return named
    return [kind for kind, keywords in TYPES.items() if any(word in shape for word in keywords)]


def allows_null(shape: JsonObject, root: JsonObject) -> bool:
    return any(_is_nullable(branch) for branch in branches(shape, root))


def _is_nullable(shape: JsonObject) -> bool:
    if "const" in shape:
        return shape["const"] is None
    options = shape.get("enum")
    if isinstance(options, list) and None not in options:
        return False
    said = shape.get("type")
    return said is None or said == "null" or (isinstance(said, list) and "null" in said)


def lengths(shape: JsonObject, default: int) -> Range:
    """How many items a list may have."""
    least, most = shape.get("minItems"), shape.get("maxItems")
    return Range(least if isinstance(least, int) else 0, most if isinstance(most, int) else default)
