"""The smallest value that a schema accepts."""

import pytest

from common.schemas import faults
from providers.builtin.engine.repair import smallest_value
from vocabulary.errors import UpstreamRefused
from vocabulary.json import JsonObject

PERSON: JsonObject = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "a/b": {"type": "integer"}},
    "required": ["name"],
    "additionalProperties": False,
}
LINKED_LIST: JsonObject = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Node"}]}},
        }
    },
    "$ref": "#/$defs/Node",
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, None),
        ({"type": "boolean"}, False),
        ({"type": ["string", "null"]}, None),
        ({"type": "string", "minLength": 2}, "--"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "number", "exclusiveMaximum": -2}, -2.5),
        ({"enum": ["low", "high"]}, "low"),
        ({"enum": ["low", None]}, None),
        ({"const": {"a": 1}}, {"a": 1}),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["", ""]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
        (PERSON, {"name": ""}),
        (LINKED_LIST, {}),
    ],
)
def test_smallest_is_the_least_the_schema_takes(schema, value):
    assert smallest_value(schema) == value
    assert faults(value, schema) == []


def test_a_schema_that_nothing_fits_is_refused():
    with pytest.raises(UpstreamRefused):
        smallest_value({"type": "string", "not": {}})


def test_the_smallest_value_of_lists_in_lists_is_bounded():
    schema = {"type": "string"}
    for _ in range(6):
        schema = {"type": "array", "minItems": 100, "items": schema}
    with pytest.raises(UpstreamRefused):
        smallest_value(schema)
