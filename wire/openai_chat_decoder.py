"""Reading a streamed chat answer in the OpenAI format: chunks in, events out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

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
    TokenLogprob,
    ToolCall,
    Usage,
)
from vocabulary.json import Json, JsonObject
from wire.fields import as_object, find_list, find_object, find_text, find_whole, place
from wire.openai_chat_response import parse_extras, parse_finish
from wire.openai_messages import parse_reasoning
from wire.openai_usage import parse_logprobs, parse_usage

type Spoken = Text | Reasoning | Refusal


@dataclass(slots=True)
class _OpenChoice:
    """One choice on its way: how many parts it has, and which of them are still growing."""

    index: int
    parts: int = 0
    spoken: type[Spoken] | None = None
    calls: dict[int, int] = field(default_factory=dict)
    finished: bool = False

    def start(self, part: Part) -> PartStarted:
        self.parts += 1
        return PartStarted(choice=self.index, index=self.parts - 1, part=part)

    def say(
        self, kind: type[Spoken], text: str, logprobs: tuple[TokenLogprob, ...] = ()
    ) -> Iterator[ChatEvent]:
        """Words of one kind grow one part until another kind begins."""
        if self.spoken is not kind:
            yield from self.hush()
            yield self.start(kind(text=""))
            self.spoken = kind
        yield PartGrew(choice=self.index, index=self.parts - 1, text=text, logprobs=logprobs)

    def hush(self) -> Iterator[ChatEvent]:
        if self.spoken is not None:
            yield PartEnded(choice=self.index, index=self.parts - 1)
            self.spoken = None

    def finish(self, finish: Finish) -> Iterator[ChatEvent]:
        if self.finished:
            return
        self.finished = True
        yield from self.hush()
        for index in self.calls.values():
            yield PartEnded(choice=self.index, index=index)
        yield Finished(choice=self.index, finish=finish)


class ChunkDecoder:
    """Reads the chunks of one answer. A chunk of the wrong shape raises InvalidRequest."""

    def __init__(self) -> None:
        self._started: Started | None = None
        self._choices: dict[int, _OpenChoice] = {}
        self._usage: Usage | None = None

    @property
    def complete(self) -> bool:
        """Whether every choice that began has finished, and at least one did."""
        return bool(self._choices) and all(c.finished for c in self._choices.values())

    def parse_chunk(self, body: Json) -> Iterator[ChatEvent]:
        chunk = as_object(body, "")
        if self._started is None:
            self._started = _parse_started(chunk)
            yield self._started
        for position, choice in enumerate(find_list(chunk, "choices", "")):
            at = f"choices[{position}]"
            yield from self._parse_choice(as_object(choice, at), at)
        # Some servers repeat a growing count on every chunk: the last one counts.
        self._usage = parse_usage(find_object(chunk, "usage", ""), "usage") or self._usage

    def end(self, *, done: bool) -> Iterator[ChatEvent]:
        """What the end of the bytes adds; `done` means that `[DONE]` was seen."""
        if done:
            for choice in self._choices.values():
                yield from choice.finish("stop")
        if self._usage is not None:
            yield Metered(usage=self._usage)

    def _parse_choice(self, body: JsonObject, at: str) -> Iterator[ChatEvent]:
        index = find_whole(body, "index", at, least=0) or 0
        choice = self._choices.setdefault(index, _OpenChoice(index))
        if choice.finished:
            return
        logprobs = parse_logprobs(find_object(body, "logprobs", at), place(at, "logprobs"))
        delta = find_object(body, "delta", at)
        if delta or logprobs:
            yield from _parse_delta(choice, delta or {}, logprobs, place(at, "delta"))
        if reason := find_text(body, "finish_reason", at):
            yield from choice.finish(parse_finish(reason))


def _parse_started(chunk: JsonObject) -> Started:
    return Started(
        id=find_text(chunk, "id", "") or "",
        model=find_text(chunk, "model", "") or "",
        created=find_whole(chunk, "created", "", least=0) or 0,
        extras=parse_extras(chunk),
    )


def _parse_delta(
    choice: _OpenChoice, delta: JsonObject, logprobs: tuple[TokenLogprob, ...], at: str
) -> Iterator[ChatEvent]:
    if reasoning := parse_reasoning(delta, at):
        yield from choice.say(Reasoning, reasoning)
    content = find_text(delta, "content", at)
    if content or logprobs:
        yield from choice.say(Text, content or "", logprobs)
    if refusal := find_text(delta, "refusal", at):
        yield from choice.say(Refusal, refusal)
    at_calls = place(at, "tool_calls")
    for position, call in enumerate(find_list(delta, "tool_calls", at)):
        inside = f"{at_calls}[{position}]"
        yield from _parse_call(choice, as_object(call, inside), inside)


def _parse_call(choice: _OpenChoice, body: JsonObject, at: str) -> Iterator[ChatEvent]:
    function = find_object(body, "function", at) or {}
    slot = _parse_slot(choice, body, at)
    if slot not in choice.calls:
        yield from choice.hush()
        name = find_text(function, "name", place(at, "function")) or ""
        call_id = find_text(body, "id", at) or f"call_{choice.index}_{slot}"
        yield choice.start(ToolCall(id=call_id, name=name, arguments=""))
        choice.calls[slot] = choice.parts - 1
    if arguments := find_text(function, "arguments", place(at, "function")):
        yield PartGrew(choice=choice.index, index=choice.calls[slot], text=arguments)


def _parse_slot(choice: _OpenChoice, body: JsonObject, at: str) -> int:
    """Which call a piece belongs to; servers without `index` send an id with each new one."""
    slot = find_whole(body, "index", at, least=0)
    if slot is not None:
        return slot
    return len(choice.calls) - (0 if body.get("id") or not choice.calls else 1)
