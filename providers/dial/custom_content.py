"""What a message of AI DIAL has beside its text (attachments, stages, state), and how the pieces of
it in a stream become one.

https://github.com/epam/ai-dial-core

Lists grow by the `index` of their elements, texts by their ends; of anything else the newest
counts, and null changes nothing.
"""

from collections.abc import Mapping, Sequence
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
        self._whole: dict[int, JsonObject] = {}

    def watch(self, chunk: Json) -> None:
        """Take in one chunk. Raises InvalidRequest for one of the wrong shape."""
        body = as_object(chunk, "")
        for position, choice in enumerate(find_list(body, "choices", "")):
            at = f"choices[{position}]"
            self._take(as_object(choice, at), at)

    def extras(self, choice: int) -> dict[str, JsonObject]:
        """Of the message of this choice, as a whole answer would have them."""
        whole = without_indexes(self._whole.get(choice, {}))
        return extras_of(whole if isinstance(whole, Mapping) else None)

    def _take(self, choice: JsonObject, at: str) -> None:
        delta = find_object(choice, "delta", at) or {}
        piece = find_object(delta, FIELD, place(at, "delta"))
        if piece:
            index = find_whole(choice, "index", at, least=0) or 0
            whole = merged(self._whole.get(index, {}), piece)
            self._whole[index] = as_object(whole, at)


def merged(whole: Json, piece: Json, depth: int = 0) -> Json:
    """`whole` with the next `piece` of it."""
    match whole, piece:
        case _, None:
            return whole
        case dict(), dict() if depth < MOST_DEPTH:
            grown = {key: merged(whole.get(key), value, depth + 1) for key, value in piece.items()}
            return {**whole, **grown}
        case ((list() | None), list()) if depth < MOST_DEPTH:
            return _merged_lists(whole or [], piece, depth)
        case str(), str():
            return whole + piece
    return piece


def _merged_lists(whole: Sequence[Json], pieces: Sequence[Json], depth: int) -> Json:
    grown = list(whole)
    places = {_index(element): place for place, element in enumerate(grown)}
    for piece in pieces:
        index = _index(piece)
        if index is None or index not in places:
            places[index] = len(grown)
            grown.append(piece)
        else:
            grown[places[index]] = merged(grown[places[index]], piece, depth + 1)
    return grown


def _index(element: Json) -> int | None:
    index = element.get("index") if isinstance(element, dict) else None
    return index if isinstance(index, int) else None


def without_indexes(value: Json, depth: int = 0) -> Json:
    """Without what tells the pieces of a list apart, in the order it tells."""
    if depth == MOST_DEPTH:
        return value
    if isinstance(value, dict):
        return {key: without_indexes(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        ordered = sorted(value, key=lambda element: _index(element) or 0)
        return [without_indexes(_unnumbered(element), depth + 1) for element in ordered]
    return value


def _unnumbered(element: Json) -> Json:
    if not isinstance(element, dict):
        return element
    return {key: inner for key, inner in element.items() if key != "index"}
