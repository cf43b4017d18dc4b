"""Shapes are the JSON Schema that they say in few words."""

import pytest

from vocabulary.json import Json
from wire.shapes import (
    ANYTHING,
    TEXT,
    WHOLE,
    Shape,
    array,
    mapping,
    nullable,
    open_ended,
    record,
    said,
    usual,
    whole,
    word,
)

POINT = record("Point", {"x": WHOLE, "y": WHOLE})


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (nullable(TEXT), {"type": ["string", "null"]}),
        (nullable(whole(1, 3)), {"type": ["integer", "null"], "minimum": 1, "maximum": 3}),
        (nullable(word("a")), {"anyOf": [{"type": "string", "const": "a"}, {"type": "null"}]}),
        (nullable(POINT), {"anyOf": [POINT, {"type": "null"}]}),
        (word("a", "b"), {"type": "string", "enum": ["a", "b"]}),
        (array(TEXT, most=4), {"type": "array", "items": {"type": "string"}, "maxItems": 4}),
        (mapping(ANYTHING), {"type": "object", "additionalProperties": {}}),
        (said(TEXT, "x"), {"type": "string", "description": "x"}),
        (usual(WHOLE, 3), {"type": "integer", "default": 3}),
    ],
)
def test_a_shape_is_plain_json_schema(shape: Shape, expected: Json):
    assert shape == expected


def test_the_fields_of_a_record_are_always_there_unless_said_otherwise():
    assert POINT["required"] == ["x", "y"]
    assert record("Point", {"x": WHOLE}, required=[])["required"] == []
    assert "additionalProperties" not in POINT
    assert open_ended(POINT)["additionalProperties"] is True
