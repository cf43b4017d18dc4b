"""One answer of the Messages API on its way: messages and blocks in, events out.

Blocks of tools that the upstream runs itself are never asked for; they are left out. Faults of
shape raise `InvalidRequest`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from providers.anthropic.thoughts import HIDDEN
from vocabulary.chat import (
    ChatEvent,
    Finish,
    Finished,
    Metered,
    Part,
    PartEnded,
    PartGrew,
    PartStarted,
    Reasoning,
    Refusal,
    Started,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.json import Json, JsonObject
from wire.fields import find_object, find_text, find_whole, get_text

FINISHES: Final[dict[str, Finish]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "refusal": "content_filter",
}


@dataclass(slots=True)
class _OpenBlock:
    """A block on its way: which part it is, and what was said of it so far."""

    index: int
    is_call: bool
    has_grown: bool = False
    signature: str | None = None

    def grow(self, text: str) -> Iterator[ChatEvent]:
        if text:
            self.has_grown = True
            yield PartGrew(index=self.index, text=text)

    def end(self) -> Iterator[ChatEvent]:
        """A call of a tool without arguments grows by none; an object is what it means."""
        if self.is_call and not self.has_grown:
            yield PartGrew(index=self.index, text="{}")
        yield PartEnded(index=self.index, signature=self.signature)


class Answer:
    """Reads one answer. `finish` is to be called once, when nothing more will come."""

    def __init__(self) -> None:
        self._parts = 0
        self._open: dict[int, _OpenBlock] = {}
        self._finish: Finish | None = None
        self._refusal = ""
        self._usage: dict[str, Json] = {}

    @property
    def has_ended(self) -> bool:
        """Whether it said why it ended."""
        return self._finish is not None

    def start(self, message: JsonObject) -> Iterator[ChatEvent]:
        self.hear_usage(message)
        yield Started(
            id=find_text(message, "id", "") or "",
            model=find_text(message, "model", "") or "",
            created=0,
        )

    def start_block(self, position: int, block: JsonObject) -> Iterator[ChatEvent]:
        """With as much of it as is there: all of it in an answer given whole."""
        part, text = _read_block(block, f"content[{position}]")
        if part is None:
            return
        opened = _OpenBlock(index=self._parts, is_call=isinstance(part, ToolCall))
        self._open[position] = opened
        self._parts += 1
        yield PartStarted(index=opened.index, part=part)
        yield from opened.grow(text)

    def grow_block(self, position: int, delta: JsonObject) -> Iterator[ChatEvent]:
        opened = self._open.get(position)
        if opened is None:
            return
        match find_text(delta, "type", "delta"):
            case "text_delta":
                yield from opened.grow(get_text(delta, "text", "delta"))
            case "thinking_delta":
                yield from opened.grow(get_text(delta, "thinking", "delta"))
            case "input_json_delta":
                yield from opened.grow(get_text(delta, "partial_json", "delta"))
            case "signature_delta":
                opened.signature = get_text(delta, "signature", "delta")

    def end_block(self, position: int) -> Iterator[ChatEvent]:
        opened = self._open.pop(position, None)
        if opened is not None:
            yield from opened.end()

    def hear_end(self, told: JsonObject) -> None:
        """`told` may say why the answer ended: a message, or the last change of one."""
        if reason := find_text(told, "stop_reason", ""):
            self._finish = FINISHES.get(reason, "stop")
        details = find_object(told, "stop_details", "") or {}
        if details.get("type") == "refusal":
            self._refusal = find_text(details, "explanation", "stop_details") or ""

    def hear_usage(self, told: JsonObject) -> None:
        """Later counts replace earlier ones: they grow."""
        counts = find_object(told, "usage", "") or {}
        self._usage |= {key: value for key, value in counts.items() if value is not None}

    def finish(self) -> Iterator[ChatEvent]:
        for opened in self._open.values():
            yield from opened.end()
        if self._refusal:
            yield PartStarted(index=self._parts, part=Refusal(text=""))
            yield PartGrew(index=self._parts, text=self._refusal)
            yield PartEnded(index=self._parts)
        yield Finished(finish=self._finish or "stop")
        if self._usage:
            yield Metered(usage=_read_usage(self._usage))


def _read_block(block: JsonObject, at: str) -> tuple[Part | None, str]:
    """The part that begins, and what it holds already; None for a block that is none."""
    match find_text(block, "type", at):
        case "text":
            return Text(text=""), find_text(block, "text", at) or ""
        case "thinking":
            signature = find_text(block, "signature", at) or None
            return Reasoning(text="", signature=signature), find_text(block, "thinking", at) or ""
        case "redacted_thinking":
            return Reasoning(text="", signature=HIDDEN.hide(get_text(block, "data", at))), ""
        case "tool_use":
            call = ToolCall(
                id=get_text(block, "id", at), name=get_text(block, "name", at), arguments=""
            )
            given = find_object(block, "input", at)
            return call, json.dumps(given, ensure_ascii=False) if given else ""
    return None, ""


def _read_usage(counts: JsonObject) -> Usage:
    """What was read from a cache or written to one is counted beside the rest of the question."""
    read = _count(counts, "cache_read_input_tokens")
    written = _count(counts, "cache_creation_input_tokens")
    details = find_object(counts, "output_tokens_details", "usage") or {}
    return Usage(
        prompt_tokens=_count(counts, "input_tokens") + read + written,
        completion_tokens=_count(counts, "output_tokens"),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=_count(details, "thinking_tokens"),
    )


def _count(counts: JsonObject, key: str) -> int:
    return find_whole(counts, key, "usage", least=0) or 0
