"""What a query string says. Telnyx' SDK joins lists with commas, its docs repeat the key, and both
happen mixed; nested names come as `page[number]` or `page.number`. An empty value is an absent one.
"""

from collections.abc import Mapping, Sequence

from vocabulary.errors import InvalidRequest

type Query = Mapping[str, Sequence[str]]


class InvalidQuery(InvalidRequest):
    """A query parameter is not valid; `path` is its name."""


def find_text(query: Query, name: str) -> str | None:
    """The last value of `name`, as every HTTP library reads a repeated single parameter."""
    given = [value for key in _spellings(name) for value in query.get(key, ()) if value]
    return given[-1] if given else None


def find_list(query: Query, name: str) -> list[str]:
    """All values of a list parameter, however they were joined."""
    given = [value for key in _spellings(name) for value in query.get(key, ())]
    return [item for value in given for item in value.split(",") if item]


def find_integer(query: Query, name: str, *, default: int, low: int, high: int) -> int:
    """A whole number within its bounds, both included; anything else is an `InvalidQuery`."""
    text = find_text(query, name)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidQuery(name, "must be a whole number")
    if len(digits) > len(str(high)) + 1 or not low <= int(text) <= high:
        raise InvalidQuery(name, f"must be between {low} and {high}")
    return int(text)


def find_members(query: Query, name: str) -> dict[str, str]:
    """The members of a nested parameter: `metadata[k]=v` and `metadata.k=v` are {"k": "v"}."""
    members = {}
    for key, values in query.items():
        member = _member(key, name)
        if member and values and values[-1]:
            members[member] = values[-1]
    return members


def _spellings(name: str) -> tuple[str, ...]:
    """`page[size]` is also `page.size`; a plain name is also the list form `name[]`."""
    dotted = name.replace("[", ".").replace("]", "")
    return (name, f"{name}[]") if dotted == name else (name, dotted)


def _member(key: str, name: str) -> str:
    if key.startswith(f"{name}[") and key.endswith("]"):
        return key[len(name) + 1 : -1]
    if key.startswith(f"{name}."):
        return key[len(name) + 1 :]
    return ""
