"""A conversation's metadata: names to texts, whatever JSON they came as."""

from collections.abc import Mapping

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, canonical

MOST_KEYS = 100
LONGEST_KEY = 200
LONGEST_VALUE = 10_000
AI_DISABLED = "ai_disabled"
"""A person has taken over: no model answers while this is `true`."""


def coerce_metadata(given: Json) -> dict[str, str]:
    """Texts as they are, everything else as its JSON. Raises `InvalidRequest`."""
    if not isinstance(given, Mapping):
        raise InvalidRequest("metadata", "must be an object")
    if len(given) > MOST_KEYS:
        raise InvalidRequest("metadata", f"has more than {MOST_KEYS} keys")
    return {_check_key(key): _coerce_value(key, value) for key, value in given.items()}


def _check_key(key: str) -> str:
    if not key or len(key) > LONGEST_KEY:
        raise InvalidRequest("metadata", f"keys have 1 to {LONGEST_KEY} characters")
    return key


def _coerce_value(key: str, value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value)
    if len(text) > LONGEST_VALUE:
        raise InvalidRequest(f"metadata.{key}", f"is longer than {LONGEST_VALUE} characters")
    return text
