"""Writing a streamed chat answer in the OpenAI format: events in, chunks out."""

from collections.abc import Iterator
from typing import assert_never

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
)
from vocabulary.errors import Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.openai_chat_response import render_extras
from wire.openai_usage import render_logprobs, render_usage


class ChunkEncoder:
    """Writes one answer as chunks; with `include_usage` the last one says what it used.

    Every chunk repeats the answer's id and time; the first says at once whose turn it is.
    """

    def __init__(self, *, include_usage: bool = False) -> None:
        self._frame: dict[str, Json] = {}
        self._usage = {"usage": None} if include_usage else {}
        self._greeted: set[int] = set()
        self._parts: dict[tuple[int, int], tuple[Part, int]] = {}
        self._calls: dict[int, int] = {}

    def render_event(self, event: ChatEvent) -> Iterator[JsonObject]:
        match event:
            case Started():
                self._frame = _render_frame(event)
                yield self._render_greeting(0)
            case PartStarted():
                yield from self._render_start(event)
            case PartGrew():
                if event.text or event.logprobs:
                    yield self._render_growth(event)
            case PartEnded():
                pass
            case Finished():
                yield from self._greet(event.choice)
                yield self._render_choice(event.choice, {}, finish=event.finish)
            case Metered():
                if self._usage:
                    yield self._frame | {"choices": [], "usage": render_usage(event.usage)}
            case _:
                assert_never(event)

    def _greet(self, choice: int) -> Iterator[JsonObject]:
        """The first delta of each choice says the role."""
        if choice not in self._greeted:
            yield self._render_greeting(choice)

    def _render_greeting(self, choice: int) -> JsonObject:
        self._greeted.add(choice)
        return self._render_choice(choice, {"role": "assistant", "content": "", "refusal": None})

    def _render_start(self, event: PartStarted) -> Iterator[JsonObject]:
        call = self._calls.get(event.choice, 0)
        self._parts[event.choice, event.index] = event.part, call
        yield from self._greet(event.choice)
        match event.part:
            case ToolCall():
                self._calls[event.choice] = call + 1
                yield self._render_choice(event.choice, _render_call(event.part, call))
            case Text() | Reasoning() | Refusal():
                if event.part.text:
                    yield self._render_choice(
                        event.choice, _render_words(event.part, event.part.text)
                    )
            case other:
                kind = type(other).__name__
                raise Unrepresentable("choices", f"the OpenAI chat format streams no {kind}")

    def _render_growth(self, event: PartGrew) -> JsonObject:
        part, call = self._parts[event.choice, event.index]
        if isinstance(part, ToolCall):
            piece: JsonObject = {"index": call, "function": {"arguments": event.text}}
            return self._render_choice(event.choice, {"tool_calls": [piece]})
        delta = _render_words(part, event.text)
        return self._render_choice(event.choice, delta, logprobs=render_logprobs(event.logprobs))

    def _render_choice(
        self,
        choice: int,
        delta: JsonObject,
        *,
        finish: Finish | None = None,
        logprobs: JsonObject | None = None,
    ) -> JsonObject:
        body: JsonObject = {
            "index": choice,
            "delta": delta,
            "logprobs": logprobs,
            "finish_reason": finish,
        }
        return {**self._frame, "choices": [body], **self._usage}


def _render_frame(event: Started) -> dict[str, Json]:
    """What every chunk of the answer repeats."""
    return {
        "id": event.id,
        "object": "chat.completion.chunk",
        "created": event.created,
        "model": event.model,
        **render_extras(event.extras),
    }


def _render_call(call: ToolCall, index: int) -> JsonObject:
    function = {"name": call.name, "arguments": call.arguments}
    return {
        "tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]
    }


def _render_words(part: Part, text: str) -> JsonObject:
    match part:
        case Reasoning():
            return {"reasoning_content": text}
        case Refusal():
            return {"refusal": text}
    return {"content": text}
