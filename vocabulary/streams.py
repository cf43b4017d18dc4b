"""Events to answer and back: `fold(explode(response)) == response`, so the two cannot drift."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from vocabulary.chat import (
    ChatEvent,
    ChatResponse,
    Choice,
    Finished,
    Message,
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


class Fold:
    """Collects events one by one; `response()` may be asked at any time, of a broken one too."""

    def __init__(self) -> None:
        self._started = Started(id="", model="", created=0)
        self._parts: dict[tuple[int, int], Part] = {}
        self._pieces: dict[tuple[int, int], list[str]] = {}
        self._logprobs: dict[int, list[TokenLogprob]] = {}
        self._finish: dict[int, Finished] = {}
        self._usage: Usage | None = None

    def add(self, event: ChatEvent) -> None:
        match event:
            case Started():
                self._started = event
            case PartStarted():
                self._parts[event.choice, event.index] = event.part
                self._pieces[event.choice, event.index] = []
            case PartGrew():
                self._pieces[event.choice, event.index].append(event.text)
                self._logprobs.setdefault(event.choice, []).extend(event.logprobs)
            case PartEnded():
                self._sign(event)
            case Finished():
                self._finish[event.choice] = event
            case Metered():
                self._usage = event.usage
            case _:
                assert_never(event)

    def _sign(self, event: PartEnded) -> None:
        place = (event.choice, event.index)
        part = self._parts.get(place)
        if event.signature is not None and isinstance(part, Reasoning):
            self._parts[place] = replace(part, signature=event.signature)

    @property
    def complete(self) -> bool:
        """Whether every choice that began has finished, and at least one did."""
        begun = {choice for choice, _ in self._parts}
        return bool(self._finish) and begun <= self._finish.keys()

    def response(self) -> ChatResponse:
        """What has arrived so far. Choices that never finished carry finish `error`."""
        indexes = sorted({choice for choice, _ in self._parts} | self._finish.keys())
        return ChatResponse(
            id=self._started.id,
            model=self._started.model,
            created=self._started.created,
            choices=tuple(self._choice(index) for index in indexes),
            usage=self._usage,
            served_by=self._started.served_by,
            extras=self._started.extras,
        )

    def _choice(self, index: int) -> Choice:
        places = sorted(place for place in self._parts if place[0] == index)
        parts = tuple(grow(self._parts[p], "".join(self._pieces[p])) for p in places)
        end = self._finish.get(index, Finished(finish="error"))
        return Choice(
            index=index,
            message=Message(role="assistant", parts=parts, extras=end.extras),
            finish=end.finish,
            logprobs=tuple(self._logprobs.get(index, ())),
        )


def fold(events: Iterable[ChatEvent]) -> ChatResponse:
    """The whole answer that a stream told piece by piece."""
    folding = Fold()
    for event in events:
        folding.add(event)
    return folding.response()


def explode(response: ChatResponse) -> Iterator[ChatEvent]:
    """A stream that tells `response`, one growth for each part."""
    yield Started(
        id=response.id,
        model=response.model,
        created=response.created,
        served_by=response.served_by,
        extras=response.extras,
    )
    for choice in response.choices:
        yield from _explode_choice(choice)
    if response.usage is not None:
        yield Metered(usage=response.usage)


def _explode_choice(choice: Choice) -> Iterator[ChatEvent]:
    logprobs = choice.logprobs
    for index, part in enumerate(choice.message.parts):
        seed, text = shrink(part)
        yield PartStarted(choice=choice.index, index=index, part=seed)
        if text or logprobs:
            yield PartGrew(choice=choice.index, index=index, text=text, logprobs=logprobs)
            logprobs = ()
        yield PartEnded(choice=choice.index, index=index)
    yield Finished(choice=choice.index, finish=choice.finish, extras=choice.message.extras)


def shrink(part: Part) -> tuple[Part, str]:
    """The part with nothing in it yet, and the text that it will grow by."""
    match part:
        case Text() | Reasoning() | Refusal():
            return replace(part, text=""), part.text
        case ToolCall():
            return replace(part, arguments=""), part.arguments
        case _:
            return part, ""


def grow(part: Part, text: str) -> Part:
    """The part with `text` appended; media do not grow."""
    match part:
        case Text() | Reasoning() | Refusal():
            return replace(part, text=part.text + text)
        case ToolCall():
            return replace(part, arguments=part.arguments + text)
        case _:
            return part
