"""What a message of AI DIAL has beside its text (attachments, stages, state), and how the pieces of
it in a stream become one.

https://github.com/epam/ai-dial-core

Lists grow by the `index` of their elements, texts by their ends; of anything else the newest
counts, and null changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vocabulary.json import Json, JsonObject
from wire.fields import as_object, find_list, find_object, find_whole, place

KIND: Final = "dial"
FIELD: Final = "custom_content"
MOST_DEPTH: Final = 32
"""Below this nothing grows: the newest counts."""


def extras_of(content: JsonObject | None) -> dict[str, JsonObject]:
    """What a message with this custom content keeps."""
    return {KIND: {FIELD: content}} if content else {}


class Contents:
    """The custom contents of a streamed answer, by choice."""

    def __init__(self) -> None:
        self._trees: dict[int, Tree] = {}

    def watch(self, chunk: Json) -> None:
        """Take in one chunk. Raises InvalidRequest for one of the wrong shape."""
        body = as_object(chunk, "")
        for position, choice in enumerate(find_list(body, "choices", "")):
            at = f"choices[{position}]"
            self._take(as_object(choice, at), at)

    def extras(self, choice: int) -> dict[str, JsonObject]:
        """Of the message of this choice, as a whole answer would have them."""
        content = harvest(self._trees.get(choice))
        return extras_of(content if isinstance(content, dict) else None)

    def _take(self, choice: JsonObject, at: str) -> None:
        delta = find_object(choice, "delta", at) or {}
        piece = find_object(delta, FIELD, place(at, "delta"))
        if piece:
            index = find_whole(choice, "index", at, least=0) or 0
            self._trees[index] = grow(self._trees.get(index), piece)


# -- growing ------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Leaf:
    """What does not grow."""

    value: Json


@dataclass(slots=True)
class _Words:
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Fields:
    inner: dict[str, "Tree"] = field(default_factory=dict)


@dataclass(slots=True)
class _Elements:
    """In the order in which they came; `numbered` are those with an index."""

    all: list["Tree"] = field(default_factory=list)
    numbered: dict[int, int] = field(default_factory=dict)


type Tree = _Leaf | _Words | _Fields | _Elements | None


def grow(tree: Tree, piece: Json, depth: int = 0) -> Tree:
    """`tree` with the next `piece` of it; one of another kind takes its place."""
    match piece:
        case None:
            return tree
        case str():
            words = tree if isinstance(tree, _Words) else _Words()
            words.pieces.append(piece)
            return words
        case dict() if depth < MOST_DEPTH:
            fields = tree if isinstance(tree, _Fields) else _Fields()
            for key, value in piece.items():
                fields.inner[key] = grow(fields.inner.get(key), value, depth + 1)
            return fields
        case list() if depth < MOST_DEPTH:
            elements = tree if isinstance(tree, _Elements) else _Elements()
            _grow_elements(elements, piece, depth + 1)
            return elements
    return _Leaf(piece)


def _grow_elements(elements: _Elements, pieces: Sequence[Json], depth: int) -> None:
    for piece in pieces:
        index = piece.get("index") if isinstance(piece, dict) else None
        known = elements.numbered.get(index) if isinstance(index, int) else None
        if known is not None:
            elements.all[known] = grow(elements.all[known], piece, depth)
            continue
        if isinstance(index, int):
            elements.numbered[index] = len(elements.all)
        elements.all.append(grow(None, piece, depth))


def harvest(tree: Tree) -> Json:
    """What has grown: lists in the order of their indexes, which are no part of it any more."""
    match tree:
        case _Leaf():
            return tree.value
        case _Words():
            return "".join(tree.pieces)
        case _Fields():
            return {key: harvest(inner) for key, inner in tree.inner.items()}
        case _Elements():
            return [_harvest_element(element) for element in sorted(tree.all, key=_order)]
    return None


def _harvest_element(element: Tree) -> Json:
    if not isinstance(element, _Fields):
        return harvest(element)
    return {key: harvest(inner) for key, inner in element.inner.items() if key != "index"}


def _order(element: Tree) -> int:
    index = element.inner.get("index") if isinstance(element, _Fields) else None
    number = index.value if isinstance(index, _Leaf) else None
    return number if isinstance(number, int) else 0
