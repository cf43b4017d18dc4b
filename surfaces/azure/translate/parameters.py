"""Fields of a request beyond those that this API knows, and what is done with them.

The header `extra-parameters` says: `error` (as without it), `drop`, or `pass-through`.
"""

from collections.abc import Mapping, Set
from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject

HEADER: Final = "extra-parameters"
_MEANINGS: Final[Mapping[str, str]] = {
    "": "error",
    "error": "error",
    "drop": "drop",
    "ignore": "drop",
    "pass-through": "pass",
    "allow": "pass",
}


class ExtraParameter(InvalidRequest):
    """A field of the request is none that this API knows."""


def settle(body: JsonObject, known: Set[str], header: str) -> tuple[JsonObject, JsonObject]:
    """The body without fields beyond `known`, and those that are to be passed on.

    Raises `ExtraParameter` where there may be none.
    """
    meaning = _MEANINGS.get(header.strip().lower())
    if meaning is None:
        raise InvalidRequest(HEADER, "must be error, drop or pass-through")
    extra: dict[str, Json] = {name: value for name, value in body.items() if name not in known}
    if extra and meaning == "error":
        raise ExtraParameter(min(extra), "is no parameter of this API")
    kept = {name: value for name, value in body.items() if name in known}
    return kept, extra if meaning == "pass" else {}
