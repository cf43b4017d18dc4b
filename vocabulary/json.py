"""The type of a decoded JSON value, and the one canonical spelling that digests are taken of."""

import hashlib
import json
from collections.abc import Mapping, Sequence

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
type JsonObject = Mapping[str, Json]


def canonical(value: Json) -> str:
    """Spell `value` so that equal values have equal text: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Json) -> str:
    """SHA-256 of the canonical spelling, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
