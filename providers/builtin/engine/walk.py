"""Down a schema, from part to part: what each part asks for is found, and where, and put in place.

What is not found is left out where it may be, null where it may be, else the smallest value that
fits: such a value has no quotes, which is how everybody can tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from providers.builtin.engine.arrays import MAX_MOST, MOST, find_items, find_sums
from providers.builtin.engine.booleans import find_boolean
from providers.builtin.engine.choices import find_choice
from providers.builtin.engine.fields import Field, Finder, child, described
from providers.builtin.engine.find import Find
from providers.builtin.engine.numbers import find_number
from providers.builtin.engine.placeholders import placeholder, topped_up
from providers.builtin.engine.shapes import allows_null, branches, lengths, plain, types
from providers.builtin.engine.strings import find_string
from providers.builtin.engine.study import Study
from providers.builtin.engine.topics import EXPLANATIONS
from vocabulary.json import Json, JsonObject
from wire.extraction import Quote
from wire.pointers import escape

MAX_DEPTH = 8
MAX_PARTS = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A value with its evidence. Without quotes it is not found but filled in."""

    value: Json
    quotes: tuple[Quote, ...] = ()

    @property
    def weight(self) -> float:
        return sum(quote.confidence or 0 for quote in self.quotes)


FINDERS: Mapping[str, Finder] = {
    "string": find_string,
    "boolean": find_boolean,
    "number": find_number,
    "integer": find_number,
}


class Walk:
    """One way down `root`; `instructions` explain parts that no description explains."""

    def __init__(self, study: Study, root: JsonObject, instructions: str) -> None:
        self._study, self._root, self._instructions = study, root, instructions
        self._parts = 0

    def whole(self) -> Piece:
        """The whole value, whatever was found."""
        field = Field(label="", schema=self._root, description=self._instructions)
        return self._part(field, "", 0) or self._filled(field)

    # -- any part -------------------------------------------------------------------------------
    def _part(self, field: Field, path: str, depth: int) -> Piece | None:
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_PARTS:
            return None
        shape = plain(field.schema, self._root)
        field = replace(field, may_be_null=allows_null(shape, self._root))
        options = branches(shape, self._root)
        if (named := _named_constants(options)) is not None:
            return self._leaf(field.of(named), path)
        pieces = (self._typed(field.of(option), path, depth) for option in options)
        found = [piece for piece in pieces if piece is not None]
        return max(found, key=lambda piece: piece.weight, default=None)

    def _typed(self, field: Field, path: str, depth: int) -> Piece | None:
        shape = field.schema
        if "const" in shape:
            return Piece(shape["const"]) if shape["const"] is not None else None
        if "enum" in shape:
            return self._leaf(field, path)
        match next(iter(types(shape)), None):
            case "object":
                return self._object(field, path, depth)
            case "array":
                return self._array(field, path, depth)
            case str():
                return self._leaf(field, path)
        return None

    def _filled(self, field: Field) -> Piece:
        """Null where it is allowed, else the smallest value."""
        shape = plain(field.schema, self._root)
        if allows_null(shape, self._root):
            return Piece(None)
        if self._study.last_resort and types(shape)[:1] == ["string"] and "enum" not in shape:
            return Piece(self._study.last_resort)
        return Piece(placeholder(shape, self._root))

    # -- leaves ---------------------------------------------------------------------------------
    def _leaf(self, field: Field, path: str) -> Piece | None:
        find = self._find(field)
        return Piece(find.value, quotes(find, path)) if find else None

    def _find(self, field: Field) -> Find | None:
        values = field.schema.get("enum")
        if isinstance(values, list):
            return self._choose(field, values)
        finder = FINDERS.get(types(field.schema)[0])
        return finder(self._study, field) if finder else None

    def _choose(self, field: Field, values: list[Json]) -> Find | None:
        texts = [value for value in values if isinstance(value, str)]
        judge = self._study.judge
        if texts and judge is not None and judge.knows(texts):
            return judge.find(self._study, texts, may_be_null=field.may_be_null)
        if texts:
            return find_choice(self._study, field, texts)
        wanted = {type(value) for value in values} - {type(None)}
        finder = find_boolean if wanted == {bool} else find_number
        find = finder(self._study, field)
        return find if find and find.value in values else None

    # -- containers -----------------------------------------------------------------------------
    def _object(self, field: Field, path: str, depth: int) -> Piece | None:
        """None when nothing in it was found, so that what is optional stays away."""
        properties = field.schema.get("properties")
        required = field.schema.get("required")
        names = list(properties) if isinstance(properties, Mapping) else []
        needed = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
        built: dict[str, Json] = {}
        evidence: list[Quote] = []
        for name in dict.fromkeys([*names, *needed]):
            schema = properties.get(name) if isinstance(properties, Mapping) else None
            piece = self._property(field, name, schema, path, depth, name in needed)
            if piece is not None:
                built[name] = piece.value
                evidence += piece.quotes
        return Piece(built, tuple(evidence)) if evidence or depth == 0 else None

    def _property(
        self, field: Field, name: str, schema: Json, path: str, depth: int, needed: bool
    ) -> Piece | None:
        shape = plain(schema, self._root)
        inner = child(name, shape, default=self._default(field))
        piece = self._part(inner, f"{path}/{escape(name)}", depth + 1)
        if piece is not None:
            return piece
        if needed or (shape and allows_null(shape, self._root)):
            return self._filled(inner)
        return None

    def _default(self, field: Field) -> str:
        """The instructions explain the only property of a schema, and no other."""
        properties = field.schema.get("properties")
        is_only = isinstance(properties, Mapping) and len(properties) == 1
        return self._instructions if is_only else ""

    def _array(self, field: Field, path: str, depth: int) -> Piece | None:
        least, most = lengths(field.schema, MOST)
        pieces = self._items(field, path, depth, min(most, MAX_MOST))
        evidence = tuple(quote for piece in pieces for quote in piece.quotes)
        if not pieces and (least > 0 or allows_null(field.schema, self._root)):
            return None
        values = topped_up([piece.value for piece in pieces], field.schema, self._root)
        return Piece(values, evidence)

    def _items(self, field: Field, path: str, depth: int, most: int) -> list[Piece]:
        items = plain(field.schema.get("items"), self._root)
        kinds = types(items)
        if "enum" in items or kinds[:1] == ["string"]:
            finds = find_items(self._study, field, items, most)
        elif kinds and kinds[0] in ("number", "integer"):
            finds = find_sums(self._study, field, most)
        else:
            one = self._part(Field(label=field.label, schema=items), f"{path}/0", depth + 1)
            return [one] if one and one.quotes and most else []
        return [Piece(f.value, quotes(f, f"{path}/{i}")) for i, f in enumerate(finds)]


def quotes(find: Find, path: str) -> tuple[Quote, ...]:
    """The evidence of a find, for the part of the value at `path`."""
    return tuple(
        Quote(path=path, message=span.message, quote=span.text, confidence=find.confidence)
        for span in find.spans
    )


def _named_constants(options: list[JsonObject]) -> JsonObject | None:
    """`oneOf: [{const, description}, …]` is an `enum` with explanations."""
    values = [option["const"] for option in options if isinstance(option.get("const"), str)]
    if len(values) < 2 or len(values) != len(options):
        return None
    explained = {str(o["const"]): described(o) for o in options if described(o)}
    return {"enum": values, EXPLANATIONS: explained}
