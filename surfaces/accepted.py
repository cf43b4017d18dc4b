"""The shape of what a serializer accepts."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from surfaces import fields
from vocabulary.json import Json
from wire.shapes import (
    ANYTHING,
    FLAG,
    OBJECT,
    TEXT,
    TIME,
    WHOLE,
    Shape,
    array,
    nullable,
    record,
    said,
)

_BOUNDS: Mapping[str, str] = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_value": "minimum",
    "max_value": "maximum",
}


def accepted(title: str, serializer: type[serializers.Serializer[Any]]) -> Shape:
    """`title` names the object; a field's help text describes it."""
    inside = serializer().fields
    return record(
        title,
        {name: _field(field) for name, field in inside.items()},
        required=[name for name, field in inside.items() if field.required],
    )


def _field(field: serializers.Field[Any, Any, Any, Any]) -> Shape:
    shape = {**_kind(field), **_bounds(field)} if not _is_list(field) else _list(field)
    if field.allow_null and shape:
        shape = nullable(shape)
    return said(shape, str(field.help_text)) if field.help_text else shape


def _kind(field: serializers.Field[Any, Any, Any, Any]) -> Shape:
    match field:
        case serializers.CharField():
            return TEXT
        case serializers.IntegerField():
            return WHOLE
        case serializers.BooleanField():
            return FLAG
        case serializers.DateTimeField():
            return TIME
        case fields.Mapped():
            return OBJECT
        case serializers.JSONField():
            return ANYTHING
    raise TypeError(f"{type(field).__name__} has no shape yet: say here what it takes")


def _is_list(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    return isinstance(field, serializers.ListField)


def _list(field: Any) -> Shape:
    return array(_field(field.child), least=field.min_length, most=field.max_length)


def _bounds(field: Any) -> Mapping[str, Json]:
    given = {name: getattr(field, name, None) for name in _BOUNDS}
    return {_BOUNDS[name]: bound for name, bound in given.items() if bound is not None}
