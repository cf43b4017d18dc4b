"""One answer of a model that may be followed by another: what of it is shown, and what it calls.

Several rounds are told as one answer. Words are shown as they come; calls of tools wait until the
round has ended, for only then it is known whose they are.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from inference.estimates import estimate_chat
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    Finished,
    Metered,
    Part,
    PartEnded,
    PartGrew,
    PartStarted,
    Started,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.streams import Fold, shrink

BETWEEN = "\n\n"
"""Between what a model says before it searches and what it says afterwards."""


class Round:
    """The answer to `asked`, in which the tools called `names` are ours. It has one choice."""

    def __init__(
        self, asked: ChatRequest, names: Collection[str], before: "Round | None" = None
    ) -> None:
        self._asked = asked
        self._names = names
        self._fold = Fold()
        self._is_first = before is None
        self._spent = before.usage if before is not None else Usage()
        self._shown: int = before._shown if before is not None else 0
        self._needs_gap: bool = before is not None and before._has_words
        self._has_words: bool = self._needs_gap
        self._places: dict[int, int] = {}
        self._end = Finished(finish="stop")
        self._usage: Usage | None = None

    def hear(self, event: ChatEvent) -> Iterator[ChatEvent]:
        """What may be shown at once."""
        self._fold.add(event)
        match event:
            case Started():
                if self._is_first:
                    yield event
            case PartStarted():
                if not isinstance(event.part, ToolCall):
                    yield from self._start(event)
            case PartGrew() | PartEnded():
                if event.index in self._places:
                    yield replace(event, index=self._places[event.index])
            case Finished():
                self._end = event
            case Metered():
                self._usage = event.usage

    @property
    def ours(self) -> tuple[ToolCall, ...]:
        """The calls to run; none where tools of the caller are called too."""
        calls = self._calls()
        return () if any(call.name not in self._names for call in calls) else calls

    @property
    def said(self) -> tuple[Part, ...]:
        """What was said beside the calls."""
        return tuple(part for part in self._parts() if not isinstance(part, ToolCall))

    @property
    def usage(self) -> Usage:
        """Of this round and all before it."""
        response = self._fold.response()
        return self._spent + (self._usage or estimate_chat(self._asked, response))

    def end(self) -> Iterator[ChatEvent]:
        """The rest of the last round: the calls of the caller's tools, and why it ended."""
        theirs = [call for call in self._calls() if call.name not in self._names]
        for index, call in enumerate(theirs, start=self._shown):
            seed, arguments = shrink(call)
            yield PartStarted(index=index, part=seed)
            yield PartGrew(index=index, text=arguments)
            yield PartEnded(index=index)
        has_nothing_to_call = self._end.finish == "tool_calls" and not theirs
        yield replace(self._end, finish="stop") if has_nothing_to_call else self._end
        yield Metered(usage=self.usage)

    def _start(self, event: PartStarted) -> Iterator[ChatEvent]:
        self._places[event.index] = place = self._shown
        self._shown += 1
        yield replace(event, index=place)
        if isinstance(event.part, Text):
            if self._needs_gap:
                yield PartGrew(index=place, text=BETWEEN)
            self._needs_gap, self._has_words = False, True

    def _calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self._parts() if isinstance(part, ToolCall))

    def _parts(self) -> tuple[Part, ...]:
        choices = self._fold.response().choices
        return choices[0].message.parts if choices else ()
