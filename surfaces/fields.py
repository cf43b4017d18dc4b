"""Serializer fields that take a JSON type for what it is: no number becomes text, no text a number.

`null` is taken wherever a field may be left out, and means the same.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from vocabulary.json import Json, JsonObject


class Text(serializers.CharField):
    """A string, kept to the letter. Blank is fine unless said otherwise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Anything(serializers.JSONField):
    """Any JSON value; what it means is checked by the resource's `translate` module."""


class Mapped(serializers.Field):  # type: ignore[type-arg]
    """A JSON object with anything inside."""

    default_error_messages = {"invalid": "must be an object"}

    def to_internal_value(self, data: Json) -> JsonObject:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        return data


def given(checked: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were sent with a value: for SDKs, `null` says the same as leaving it out."""
    return {name: value for name, value in checked.items() if value is not None}
