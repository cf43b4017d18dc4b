"""Typed reads of decoded JSON objects: the value, or InvalidRequest with its exact place.

`find_*` takes an absent or null field for None; `get_*` insists on it. `at` is the path of the
object itself ("messages[2]"), empty for the whole body.
"""

from collections.abc import Mapping, Sequence

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject


def place(at: str, key: str) -> str:
    """The path of the field `key` of the object at `at`."""
    return f"{at}.{key}" if at else key


def as_object(value: Json, at: str) -> JsonObject:
    if isinstance(value, dict):
        return value
    raise InvalidRequest(at, f"must be an object, not {_kind(value)}")


def as_list(value: Json, at: str) -> Sequence[Json]:
    if isinstance(value, list):
        return value
    raise InvalidRequest(at, f"must be an array, not {_kind(value)}")


def as_text(value: Json, at: str) -> str:
    if isinstance(value, str):
        return value
    raise InvalidRequest(at, f"must be a string, not {_kind(value)}")


def as_number(value: Json, at: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise InvalidRequest(at, f"must be a number, not {_kind(value)}")


def as_whole(value: Json, at: str) -> int:
    """An integer; 2.0 is one too, as it is for JSON Schema."""
    number = as_number(value, at)
    if number == number // 1:  # false for NaN and infinities
        return int(number)
    raise InvalidRequest(at, f"must be an integer, not {number}")


def find_text(body: JsonObject, key: str, at: str) -> str | None:
    value = body.get(key)
    return None if value is None else as_text(value, place(at, key))


def get_text(body: JsonObject, key: str, at: str) -> str:
    return as_text(_insist(body, key, at), place(at, key))


def find_number(
    body: JsonObject, key: str, at: str, *, least: float, most: float = float("inf")
) -> float | None:
    value = body.get(key)
    if value is None:
        return None
    number = as_number(value, place(at, key))
    if least <= number <= most:
        return number
    raise InvalidRequest(place(at, key), _outside(number, least, most))


def find_whole(
    body: JsonObject, key: str, at: str, *, least: float, most: float = float("inf")
) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    number = as_whole(value, place(at, key))
    if least <= number <= most:
        return number
    raise InvalidRequest(place(at, key), _outside(number, least, most))


def find_flag(body: JsonObject, key: str, at: str) -> bool | None:
    value = body.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise InvalidRequest(place(at, key), f"must be true or false, not {_kind(value)}")


def find_object(body: JsonObject, key: str, at: str) -> JsonObject | None:
    value = body.get(key)
    return None if value is None else as_object(value, place(at, key))


def get_object(body: JsonObject, key: str, at: str) -> JsonObject:
    return as_object(_insist(body, key, at), place(at, key))


def find_list(body: JsonObject, key: str, at: str) -> Sequence[Json]:
    value = body.get(key)
    return () if value is None else as_list(value, place(at, key))


def get_list(body: JsonObject, key: str, at: str) -> Sequence[Json]:
    return as_list(_insist(body, key, at), place(at, key))


def find_choice[C: str](body: JsonObject, key: str, at: str, choices: Mapping[str, C]) -> C | None:
    """One of a few fixed words; `choices` maps each to its own type."""
    value = body.get(key)
    if value is None:
        return None
    word = as_text(value, place(at, key))
    if word in choices:
        return choices[word]
    raise InvalidRequest(place(at, key), f"must be one of {', '.join(choices)}, not {word!r}")


def _insist(body: JsonObject, key: str, at: str) -> Json:
    value = body.get(key)
    if value is None:
        raise InvalidRequest(place(at, key), "is required", missing=key not in body)
    return value


def _outside(number: float, least: float, most: float) -> str:
    if most == float("inf"):
        return f"must be at least {least:g}, not {number:g}"
    return f"must be between {least:g} and {most:g}, not {number:g}"


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case dict():
            return "an object"
    return "an array"
