"""The gate for JSON Schemas."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.schemas import Fault, check_schema, faults
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject

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


def doubling(levels):
    """A schema of a few lines that means 2 ** levels schemas."""
    steps = {
        f"s{i}": {"anyOf": [{"$ref": f"#/$defs/s{i + 1}"}, {"$ref": f"#/$defs/s{i + 1}"}]}
        for i in range(levels)
    }
    return {"$defs": {**steps, f"s{levels}": {"type": "string"}}, "$ref": "#/$defs/s0"}


def nest(levels):
    value: Json = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def deep(levels):
    schema: Json = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ([], "json_schema"),
        ("string", "json_schema"),
        ({"type": "strin"}, "json_schema.type"),
        ({"properties": {"a": {"type": 5}}}, "json_schema.properties.a.type"),
        ({"anyOf": [{"type": "string"}, {"minLength": "x"}]}, "json_schema.anyOf[1].minLength"),
        ({"$ref": "https://example.com/schema.json"}, "json_schema.$ref"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "json_schema.properties.a.$ref"),
        ({"$ref": "#/$defs/missing"}, "json_schema"),
        ({"pattern": "a" * 513}, "json_schema.pattern"),
        ({"pattern": "(?=look)ahead"}, "json_schema.pattern"),
        ({"pattern": "(a{1000}){1000}"}, "json_schema.pattern"),
        ({"patternProperties": {"a" * 513: {}}}, "json_schema.patternProperties"),
        (deep(17), "json_schema" + ".items" * 17),
        ({"properties": {f"p{i}": {} for i in range(500)}}, "json_schema"),
        ({"description": "x" * 65_536}, "json_schema"),
        (doubling(20), "json_schema"),
        ({"const": {1, 2}}, "json_schema"),
    ],
)
def test_a_schema_outside_the_limits_is_refused_at_its_place(schema, place):
    with pytest.raises(InvalidRequest) as refusal:
        check_schema(schema)
    assert refusal.value.path == place


@pytest.mark.parametrize(
    "schema",
    [
        {},
        PERSON,
        LINKED_LIST,
        deep(16),
        {"$ref": "#"},
        {"properties": {"$ref": {"type": "string"}}},
        {"enum": [{"$ref": "https://example.com/only-a-value"}]},
        {"$schema": "https://example.com/unknown-dialect", "type": "string"},
    ],
)
def test_a_schema_within_the_limits_is_taken(schema):
    check_schema(schema)


def test_faults_name_the_place_as_a_json_pointer():
    found = faults({"a/b": "x"}, PERSON)
    assert {fault.path for fault in found} == {"", "/a~1b"}
    assert all(fault.message for fault in found)


def test_a_valid_value_has_no_faults():
    assert faults({"name": "Ada"}, PERSON) == []


def test_faults_are_bounded_in_number_and_length():
    found = faults(["x" * 10_000] * 100, {"items": {"type": "integer"}})
    assert len(found) == 20
    assert all(len(fault.message) <= 300 for fault in found)


def test_a_hostile_pattern_runs_in_linear_time():
    started = time.perf_counter()
    assert faults("a" * 50_000 + "b", {"pattern": "^(a+)+$"})
    assert time.perf_counter() - started < 1


def test_recursive_schemas_judge_deep_values():
    value: Json = None
    for _ in range(50):
        value = {"next": value}
    assert faults(value, LINKED_LIST) == []
    assert faults({"next": {"next": 5}}, LINKED_LIST)


def test_a_schema_that_branches_into_itself_judges_no_deep_value():
    both: JsonObject = {"properties": {"a": {"$ref": "#"}}, "required": ["x"]}
    schema: JsonObject = {"anyOf": [both, dict(both)]}
    check_schema(schema)
    assert faults(nest(60), schema) == [Fault(path="", message="nests deeper than 11 levels")]


def test_a_tree_is_not_taken_for_branching():
    tree: JsonObject = {"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}
    assert faults(nest(60), tree) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYWORDS = st.sampled_from(
    ["type", "properties", "items", "anyOf", "$ref", "enum", "pattern", "required", "$defs", "not"]
)


@given(st.recursive(JSON, lambda inner: st.dictionaries(KEYWORDS, inner | JSON), max_leaves=10))
def test_any_json_is_taken_or_refused_politely(schema):
    try:
        check_schema(schema)
    except InvalidRequest as refusal:
        assert refusal.path.startswith("json_schema")
    else:
        faults(None, schema)


def test_a_schema_we_wrapped_around_a_tenants_own_may_be_a_little_larger():
    wrapped: JsonObject = {"properties": {"value": deep(16)}}
    with pytest.raises(InvalidRequest):
        check_schema(wrapped)
    check_schema(wrapped, wrapped=True)


def test_bounds_as_postgresql_gives_them_back_are_judged_by():
    assert faults(5, {"maximum": 10**20}) == []
    assert faults(5, {"minimum": 10**20})
