"""The schemas inside a JSON Schema (draft 2020-12), and how much work checking a value can become.

`schemas` asks this before it lets a stranger's schema near the validator, which follows each `$ref`
as often as it is written: a few lines of `anyOf` can mean millions of steps.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from vocabulary.json import Json, JsonObject
from wire.pointers import find, steps_of

# Keywords that hold a schema, a list of them or a map of them: those that judge the same value...
SAME_ONE = ("not", "if", "then", "else")
SAME_LIST = ("allOf", "anyOf", "oneOf")
SAME_MAP = ("dependentSchemas",)
# ... and those that judge a value inside it.
INNER_APART = (  # of these, and of prefixItems and properties, one at most judges an inner value
    "items",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)
INNER_ONE = (*INNER_APART, "contains")
INNER_LIST = ("prefixItems",)
INNER_MAP = ("properties", "patternProperties")
SHELF = ("$defs", "definitions")

MAX_UNROLLED = 5_000
MAX_PATHS = 4_000


def children(
    schema: Json, one: tuple[str, ...], many: tuple[str, ...], named: tuple[str, ...]
) -> Iterator[tuple[str, Json]]:
    """(keyword/place, schema) for the keywords that are asked for."""
    if not isinstance(schema, dict):
        return
    for keyword in one:
        if keyword in schema:
            yield keyword, schema[keyword]
    for keyword in many:
        if isinstance(listed := schema.get(keyword), list):
            yield from ((f"{keyword}/{place}", child) for place, child in enumerate(listed))
    for keyword in named:
        if isinstance(mapped := schema.get(keyword), dict):
            yield from ((f"{keyword}/{name}", child) for name, child in mapped.items())


def same(schema: Json) -> Iterator[Json]:
    """Schemas that judge the same value as `schema` does, `$ref` apart."""
    return (child for _, child in children(schema, SAME_ONE, SAME_LIST, SAME_MAP))


def walk(schema: Json, place: str = "", depth: int = 0) -> Iterator[tuple[str, int, JsonObject]]:
    """(JSON pointer, depth, schema) of `schema` and of every one written inside it."""
    if not isinstance(schema, dict):
        return
    yield place, depth, schema
    inside = children(
        schema, SAME_ONE + INNER_ONE, SAME_LIST + INNER_LIST, SAME_MAP + INNER_MAP + SHELF
    )
    for step, child in inside:
        yield from walk(child, f"{place}/{step}", depth + 1)


def resolve(root: JsonObject, reference: Json) -> Json:
    """What a local `$ref` points at; None for anything but a pointer that exists."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    return find(root, steps_of(reference.removeprefix("#")))


@dataclass(frozen=True)
class Cost:
    """How often a value, and the values inside it, may be judged under one schema."""

    root: JsonObject

    @cached_property
    def unrolled(self) -> float:
        """Schemas to go through when each reference is replaced by its target, cycles cut."""
        return self._sum(self.root, lambda schema: 1, self._everything)

    @cached_property
    def deepest(self) -> int | None:
        """How deep a value may nest before the work explodes; None where it does not.

        A recursive schema that offers itself `growth` times for one and the same inner value (as
        `anyOf: [{left: #}, {left: #}]` does) is gone through growth ** depth times.
        """
        growth = max((self._growth(s) for _, _, s in walk(self.root)), default=0)
        return int(math.log(MAX_PATHS) / math.log(growth)) if growth > 1 else None

    def _growth(self, schema: JsonObject) -> float:
        if not self._is_recursive(schema):
            return 0
        apart = children(schema, INNER_APART, INNER_LIST, ("properties",))
        besides = children(schema, ("contains",), (), ("patternProperties",))
        return max((self._paths(s) for _, s in apart), default=0) + sum(
            self._paths(s) for _, s in besides
        )

    def _paths(self, schema: Json) -> float:
        return self._sum(schema, self._is_recursive, self._same)

    def _is_recursive(self, schema: JsonObject) -> bool:
        """Whether a value inside may be judged by `schema` again."""
        if id(schema) not in self._recursive:
            inner = [s for _, s in children(schema, INNER_ONE, INNER_LIST, INNER_MAP)]
            self._recursive[id(schema)] = self._reaches(inner, schema)
        return self._recursive[id(schema)]

    @cached_property
    def _recursive(self) -> dict[int, bool]:
        return {}

    def _reaches(self, starts: list[Json], goal: JsonObject) -> bool:
        seen: set[int] = set()
        while starts:
            schema = starts.pop()
            if schema is goal:
                return True
            if id(schema) not in seen:
                seen.add(id(schema))
                starts.extend(self._everything(schema))
        return False

    def _same(self, schema: Json) -> Iterator[Json]:
        yield from same(schema)
        yield from self._target(schema)

    def _everything(self, schema: Json) -> Iterator[Json]:
        yield from self._same(schema)
        yield from (s for _, s in children(schema, INNER_ONE, INNER_LIST, INNER_MAP))

    def _target(self, schema: Json) -> Iterator[Json]:
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(schema, dict) and keyword in schema:
                yield resolve(self.root, schema[keyword])

    def _sum(
        self,
        start: Json,
        worth: Callable[[JsonObject], float],
        step: Callable[[Json], Iterator[Json]],
    ) -> float:
        """Total worth of all schemas reached by `step`, each counted once for each way to it."""
        known: dict[int, float] = {}

        def total(schema: Json) -> float:
            if not isinstance(schema, dict):
                return 0
            if id(schema) not in known:
                known[id(schema)] = 0  # a cycle ends where it closes
                known[id(schema)] = worth(schema) + sum(total(child) for child in step(schema))
            return known[id(schema)]

        return total(start)
