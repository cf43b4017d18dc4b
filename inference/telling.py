"""A streamed answer as far as it has been told: what the caller has got, and what it has cost."""

from dataclasses import replace

from inference.estimates import estimate_chat
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Finished,
    Metered,
    PartGrew,
    PartStarted,
    Usage,
)
from vocabulary.streams import Fold

_ENDING = (Finished, Metered)
_CONTENT = (PartStarted, PartGrew)


class Telling:
    """Hears every event. Those that say that the answer is complete are kept back in `ending`, to
    be told when the answer is stored."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._fold = Fold()
        self._usage: Usage | None = None
        self._ending: list[ChatEvent] = []
        self.has_content = False

    def hear(self, event: ChatEvent) -> bool:
        """Whether the caller may get this event at once."""
        self._fold.add(event)
        if isinstance(event, Metered):
            self._usage = event.usage
        elif isinstance(event, _CONTENT):
            self.has_content = True
        if isinstance(event, _ENDING):
            self._ending.append(event)
            return False
        return True

    @property
    def ending(self) -> tuple[ChatEvent, ...]:
        """What is left to tell of a complete answer; its last event says the usage."""
        if self._usage is not None:
            return tuple(self._ending)
        return (*self._ending, Metered(usage=self.usage))

    @property
    def usage(self) -> Usage:
        """As the upstream said, else estimated from what has arrived."""
        if self._usage is None:
            return estimate_chat(self._request, self._fold.response())
        return self._usage

    @property
    def response(self) -> ChatResponse:
        """The answer as far as it has arrived."""
        return replace(self._fold.response(), usage=self.usage)
