"""JSON Pointers (RFC 6901): `/next_steps/0/owner` names a place inside a JSON value."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from vocabulary.json import Json

_STEPS: Final = re.compile(r"[^.\[\]]+")


def escape(name: str) -> str:
    """A member's name as one step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The member's name that one step of a pointer spells."""
    return step.replace("~1", "/").replace("~0", "~")


def pointer(names: Iterable[str | int]) -> str:
    """The pointer to the place that members' names and list indexes lead to."""
    return "".join(f"/{escape(str(name))}" for name in names)


def steps_of(pointer: str) -> list[str]:
    """The names and indexes on the way; none for the whole value."""
    return [unescape(step) for step in pointer.split("/")[1:]]


def split_path(path: str) -> list[str]:
    """The names and indexes in a path such as `messages[2].content`, as errors name places."""
    return _STEPS.findall(path)


def find(value: Json, steps: Iterable[str]) -> Json:
    """What `value` holds at these steps; None where they lead nowhere."""
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
