"""One answer of Converse on its way: messages and blocks in, events out.

Faults of shape raise `InvalidRequest`.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from providers.bedrock.thoughts import HIDDEN
from vocabulary.chat import (
    ChatEvent,
    Finish,
    Finished,
    Image,
    Inline,
    Metered,
    Part,
    PartEnded,
    PartGrew,
    PartStarted,
    Reasoning,
    Started,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.fields import (
    as_object,
    find_list,
    find_object,
    find_text,
    find_whole,
    get_object,
    get_text,
    place,
)

KIND: Final = "bedrock"
FIELDS: Final = "additionalModelResponseFields"
FINISHES: Final[dict[str, Finish]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}


@dataclass(slots=True)
class _OpenBlock:
    """A block on its way: which part it is, and what its end will tell of it."""

    index: int
    kind: type[Part]
    has_grown: bool = False
    signature: str | None = None
    hidden: bytes = b""

    def grow(self, text: str) -> Iterator[ChatEvent]:
        if text:
            self.has_grown = True
            yield PartGrew(index=self.index, text=text)

    def end(self) -> Iterator[ChatEvent]:
        """A call of a tool without arguments grows by none; an object is what it means."""
        if self.kind is ToolCall and not self.has_grown:
            yield PartGrew(index=self.index, text="{}")
        hidden = HIDDEN.hide(base64.b64encode(self.hidden).decode()) if self.hidden else None
        yield PartEnded(index=self.index, signature=hidden or self.signature)


class Answer:
    """Reads one answer, whole or block by block."""

    def __init__(self) -> None:
        self._parts = 0
        self._open: dict[int, _OpenBlock] = {}
        self._image_format = ""
        self.has_ended = False

    def start(self) -> Iterator[ChatEvent]:
        yield Started(id="", model="", created=0)

    def start_block(self, event: JsonObject) -> Iterator[ChatEvent]:
        """Calls of tools and images are announced; other blocks begin with their first words."""
        start = find_object(event, "start", "") or {}
        image = find_object(start, "image", "start") or {}
        self._image_format = find_text(image, "format", "start.image") or ""
        use = find_object(start, "toolUse", "start")
        if use is not None:
            yield from self._open_block(_position(event), _read_use(use, "start.toolUse"))

    def grow_block(self, event: JsonObject) -> Iterator[ChatEvent]:
        position, delta = _position(event), get_object(event, "delta", "")
        if (text := find_text(delta, "text", "delta")) is not None:
            yield from self._grow(position, Text(text=""), text)
        if (use := find_object(delta, "toolUse", "delta")) is not None:
            call = ToolCall(id=f"call_{position}", name="", arguments="")
            piece = find_text(use, "input", "delta.toolUse") or ""
            yield from self._grow(position, call, piece)
        if (thought := find_object(delta, "reasoningContent", "delta")) is not None:
            yield from self._think(position, thought, "delta.reasoningContent")
        if (image := find_object(delta, "image", "delta")) is not None:
            whole = {"format": self._image_format, **image}
            yield from self._open_block(position, _read_image(whole, "delta.image"))

    def end_block(self, position: int) -> Iterator[ChatEvent]:
        opened = self._open.pop(position, None)
        if opened is not None:
            yield from opened.end()

    def tell_block(self, position: int, block: JsonObject, at: str) -> Iterator[ChatEvent]:
        """A block that is there whole."""
        if (text := find_text(block, "text", at)) is not None:
            yield from self._grow(position, Text(text=""), text)
        elif (use := find_object(block, "toolUse", at)) is not None:
            given = find_object(use, "input", place(at, "toolUse"))
            written = json.dumps(given, ensure_ascii=False) if given else ""
            yield from self._grow(position, _read_use(use, place(at, "toolUse")), written)
        elif (thought := find_object(block, "reasoningContent", at)) is not None:
            said = find_object(thought, "reasoningText", at) or thought
            yield from self._think(position, said, at)
        elif (image := find_object(block, "image", at)) is not None:
            yield from self._open_block(position, _read_image(image, at))
        elif (cited := find_object(block, "citationsContent", at)) is not None:
            yield from self._grow(position, Text(text=""), _read_cited(cited, at))
        else:
            raise InvalidRequest(at, f"is a part of an unknown kind: {', '.join(block)[:60]}")
        yield from self.end_block(position)

    def end(self, message: JsonObject) -> Iterator[ChatEvent]:
        """`message` says why the answer ended."""
        for position in list(self._open):
            yield from self.end_block(position)
        reason = find_text(message, "stopReason", "") or "end_turn"
        fields = find_object(message, FIELDS, "")
        self.has_ended = True
        yield Finished(
            finish=FINISHES.get(reason, "stop"), extras={KIND: {FIELDS: fields}} if fields else {}
        )

    def meter(self, message: JsonObject) -> Iterator[ChatEvent]:
        counts = find_object(message, "usage", "")
        if counts is not None:
            yield Metered(usage=_read_usage(counts))

    def _open_block(self, position: int, part: Part) -> Iterator[ChatEvent]:
        yield from self.end_block(position)
        self._open[position] = _OpenBlock(index=self._parts, kind=type(part))
        self._parts += 1
        yield PartStarted(index=self._parts - 1, part=part)

    def _grow(self, position: int, seed: Part, text: str) -> Iterator[ChatEvent]:
        """By `text`; `seed` is what begins there if nothing of its kind has."""
        opened = self._open.get(position)
        if opened is None or opened.kind is not type(seed):
            yield from self._open_block(position, seed)
        yield from self._open[position].grow(text)

    def _think(self, position: int, thought: JsonObject, at: str) -> Iterator[ChatEvent]:
        text = find_text(thought, "text", at) or ""
        yield from self._grow(position, Reasoning(text=""), text)
        opened = self._open[position]
        opened.signature = find_text(thought, "signature", at) or opened.signature
        opened.hidden += _read_bytes(find_text(thought, "redactedContent", at) or "", at)


def _position(event: JsonObject) -> int:
    return find_whole(event, "contentBlockIndex", "", least=0) or 0


def _read_use(use: JsonObject, at: str) -> ToolCall:
    return ToolCall(id=get_text(use, "toolUseId", at), name=get_text(use, "name", at), arguments="")


def _read_image(image: JsonObject, at: str) -> Image:
    source = get_object(image, "source", at)
    form = find_text(image, "format", at) or "png"
    data = get_text(source, "bytes", place(at, "source"))
    return Image(at=Inline(data=data, media_type=f"image/{form}"))


def _read_cited(cited: JsonObject, at: str) -> str:
    pieces = (as_object(piece, at) for piece in find_list(cited, "content", at))
    return "".join(find_text(piece, "text", at) or "" for piece in pieces)


def _read_bytes(text: str, at: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise InvalidRequest(at, "must be base64") from fault


def _read_usage(counts: JsonObject) -> Usage:
    """What was read from a cache or written to one is counted beside the rest of the question."""
    read = _count(counts, "cacheReadInputTokens")
    written = _count(counts, "cacheWriteInputTokens")
    return Usage(
        prompt_tokens=_count(counts, "inputTokens") + read + written,
        completion_tokens=_count(counts, "outputTokens"),
        cached_tokens=read,
        cache_write_tokens=written,
    )


def _count(counts: JsonObject, key: str) -> int:
    return find_whole(counts, key, "usage", least=0) or 0


def tell(body: Json) -> Iterator[ChatEvent]:
    """A whole answer as the events of its stream, so that the two cannot drift."""
    whole, answer = as_object(body, ""), Answer()
    message = get_object(get_object(whole, "output", ""), "message", "output")
    yield from answer.start()
    for i, block in enumerate(find_list(message, "content", "output.message")):
        at = f"output.message.content[{i}]"
        yield from answer.tell_block(i, as_object(block, at), at)
    yield from answer.end(whole)
    yield from answer.meter(whole)
