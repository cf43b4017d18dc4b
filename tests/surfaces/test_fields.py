"""Serializer fields that take a JSON type for what it is."""

from typing import Any

import pytest
from rest_framework import serializers

from surfaces import fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (fields.Text(), " x "),
        (fields.Text(), ""),
        (fields.Whole(), 2**53),
        (fields.Flag(), False),
        (fields.Mapped(), {"a": [1]}),
        (fields.Anything(), [1, {"a": None}]),
    ],
)
def test_a_value_of_the_fields_type_stays_as_it_is(field: Any, value: Any):
    assert field.run_validation(value) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (fields.Text(), 1),
        (fields.Text(), True),
        (fields.Text(), ["x"]),
        (fields.Text(max_length=2), "xyz"),
        (fields.Whole(), "1"),
        (fields.Whole(), 1.0),
        (fields.Whole(), True),
        (fields.Whole(max_value=3), 4),
        (fields.Flag(), "true"),
        (fields.Flag(), 1),
        (fields.Mapped(), []),
        (fields.Mapped(), "x"),
    ],
)
def test_nothing_is_made_of_another_type(field: Any, value: Any):
    with pytest.raises(serializers.ValidationError):
        field.run_validation(value)


def test_null_says_the_same_as_leaving_it_out():
    assert fields.given({"a": None, "b": "", "c": 0}) == {"b": "", "c": 0}
