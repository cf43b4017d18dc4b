"""JSON Schema in few words: the shape of a body, said beside the code that reads or writes it.

Shapes are plain JSON Schema (2020-12). One with a title is known by that name in the documents of
an API. What reads and what writes a body does not look at its shape; tests hold them together.
"""

from collections.abc import Collection, Mapping
from typing import Final

from vocabulary.json import Json, JsonObject

type Shape = JsonObject

TEXT: Final[Shape] = {"type": "string"}
WHOLE: Final[Shape] = {"type": "integer"}
NUMBER: Final[Shape] = {"type": "number"}
FLAG: Final[Shape] = {"type": "boolean"}
OBJECT: Final[Shape] = {"type": "object"}
UUID: Final[Shape] = {"type": "string", "format": "uuid"}
TIME: Final[Shape] = {"type": "string", "format": "date-time"}
MONEY: Final[Shape] = {"type": "string", "description": "USD as decimal text."}
BYTES: Final[Shape] = {"type": "string", "format": "binary"}
ANYTHING: Final[Shape] = {}
_NULL: Final[Shape] = {"type": "null"}


def record(
    title: str,
    fields: Mapping[str, Shape],
    *,
    required: Collection[str] | None = None,
    about: str = "",
) -> Shape:
    """An object with these fields, all of them always there unless `required` says which are."""
    shape: dict[str, Json] = {
        "title": title,
        "type": "object",
        "properties": dict(fields),
        "required": list(fields if required is None else required),
    }
    return shape | {"description": about} if about else shape


def array(items: Shape, *, least: int | None = None, most: int | None = None) -> Shape:
    bounds = {"minItems": least, "maxItems": most}
    return {"type": "array", "items": items, **_given(bounds)}


def mapping(values: Shape) -> Shape:
    """An object with any keys and such values."""
    return {"type": "object", "additionalProperties": values}


def either(*shapes: Shape) -> Shape:
    return {"anyOf": list(shapes)}


def nullable(shape: Shape) -> Shape:
    if isinstance(kind := shape.get("type"), str) and not shape.keys() & {"enum", "const", "title"}:
        return {**shape, "type": [kind, "null"]}
    return either(shape, _NULL)


def word(*words: str) -> Shape:
    """One of these words."""
    return {"type": "string", "const": words[0]} if len(words) == 1 else _choice(words)


def whole(least: int | None = None, most: int | None = None) -> Shape:
    return {**WHOLE, **_given({"minimum": least, "maximum": most})}


def number(least: float | None = None, most: float | None = None) -> Shape:
    return {**NUMBER, **_given({"minimum": least, "maximum": most})}


def said(shape: Shape, about: str) -> Shape:
    """The same with a description."""
    return {**shape, "description": about}


def usual(shape: Shape, value: Json) -> Shape:
    """The same with what stands for it where nothing was sent."""
    return {**shape, "default": value}


def open_ended(shape: Shape) -> Shape:
    """The same, where other fields may stand beside those of the record."""
    return {**shape, "additionalProperties": True}


def _choice(words: Collection[str]) -> Shape:
    return {"type": "string", "enum": list(words)}


def _given(bounds: Mapping[str, float | None]) -> JsonObject:
    return {name: bound for name, bound in bounds.items() if bound is not None}
