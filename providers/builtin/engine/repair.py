"""From nearly right to right: what the schema refuses gives way to the smallest that it accepts."""

from collections.abc import Iterator, Mapping, Sequence

from common.schemas import faults
from providers.builtin.engine.placeholders import placeholder
from providers.builtin.engine.shapes import branches, merged, plain
from providers.builtin.engine.walk import Piece
from vocabulary.errors import UpstreamRefused
from vocabulary.json import Json, JsonObject
from wire.pointers import find, steps_of

ROUNDS = 8
PLAINEST: tuple[Json, ...] = (None, {}, [], "", 0, False)


def repair(piece: Piece, schema: JsonObject) -> Piece:
    """A piece that `schema` accepts; quotes of what was replaced are gone.

    Raises `UpstreamRefused` where no value could be made at all.
    """
    value = piece.value
    for _ in range(ROUNDS):
        wrong = [fault.path for fault in faults(value, schema)]
        if not wrong:
            break
        value = _mended(value, wrong, schema)
    if faults(value, schema):
        value = _completed(piece.value, schema)
    kept = (q for q in piece.quotes if _same_at(q.path, piece.value, value))
    return Piece(value, tuple(kept))


def smallest_value(schema: JsonObject) -> Json:
    """The smallest value that `schema` accepts. Raises `UpstreamRefused` where none is found."""
    for value in (*_smallest(schema), *PLAINEST):
        if not faults(value, schema):
            return value
    raise UpstreamRefused("no value could be made that the schema accepts")


def _completed(value: Json, schema: JsonObject) -> Json:
    """`value` with what conditions ask for besides; the smallest value where that is no help."""
    for whole in _smallest(schema):
        if isinstance(value, Mapping) and isinstance(whole, Mapping):
            both = {**whole, **value}
            if not faults(both, schema):
                return both
    return smallest_value(schema)


def _smallest(schema: JsonObject) -> Iterator[Json]:
    """The smallest value, also for when a condition holds and for when it does not."""
    yield placeholder(schema, schema)
    for keyword in ("then", "else"):
        if isinstance(part := schema.get(keyword), Mapping):
            yield placeholder(merged(schema, part), schema)


def _mended(value: Json, wrong: Sequence[str], schema: JsonObject) -> Json:
    """`value` with each wrong part replaced, or its parent where that was done already."""
    for path in wrong:
        steps = steps_of(path)
        while True:
            new = placeholder(_schema_at(schema, steps), schema)
            if new != find(value, steps) or not steps:
                break
            steps = steps[:-1]
        value = _with(value, steps, new)
    return value


def _schema_at(schema: JsonObject, steps: Sequence[str]) -> Json:
    """The schema of the part that `steps` lead to; the first branch that knows each step."""
    current: Json = schema
    for step in steps:
        options = branches(plain(current, schema), schema)
        inner = (_inner(plain(option, schema), step) for option in options)
        current = next((schema for schema in inner if schema is not None), None)
    return current


def _inner(shape: JsonObject, step: str) -> Json:
    properties, first = shape.get("properties"), shape.get("prefixItems")
    known: Json = properties.get(step) if isinstance(properties, Mapping) else None
    if known is not None:
        return known
    if step.isdigit() and isinstance(first, Sequence) and int(step) < len(first):
        return first[int(step)]
    keyword = "items" if step.isdigit() else "additionalProperties"
    return shape.get(keyword)


def _with(value: Json, steps: Sequence[str], new: Json) -> Json:
    """A copy of `value` with `new` at the place that `steps` lead to."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(value, Mapping):
        return {**value, step: _with(value.get(step), rest, new)}
    if isinstance(value, list) and step.isdigit():
        return [_with(v, rest, new) if i == int(step) else v for i, v in enumerate(value)]
    return value


def _same_at(path: str, old: Json, new: Json) -> bool:
    steps = steps_of(path)
    kept = find(new, steps)
    return kept is not None and kept == find(old, steps)
