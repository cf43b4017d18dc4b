"""From what a builtin model says to a response, whole or word by word.

`stop`, `max_tokens` and `n` are honoured; temperature, seed and the other tuning knobs, log-
probabilities included, have no effect on models that only quote. Usage counts WordPiece tokens.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from common import clock, ids
from providers.builtin.tokens import count, cut
from providers.protocols import Target
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Choice,
    Finish,
    Message,
    PartGrew,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.errors import InvalidRequest
from vocabulary.json import digest
from vocabulary.streams import explode

MAX_COPIES = 128
MAX_WRITTEN = 1_000_000  # characters of all copies
WORD = re.compile(r"\S+\s*|\s+")

type Said = Text | ToolCall


class Ending(NamedTuple):
    part: Said
    finish: Finish


def check_copies(request: ChatRequest) -> None:
    if not 1 <= request.sampling.n <= MAX_COPIES:
        raise InvalidRequest("n", f"must be between 1 and {MAX_COPIES}")


def respond(request: ChatRequest, target: Target, said: Said) -> ChatResponse:
    """A response with `n` copies of what was said."""
    part, finish = _ended(said, request)
    if len(_words_of(part)) * request.sampling.n > MAX_WRITTEN:
        raise InvalidRequest("n", f"copies of this answer would be over {MAX_WRITTEN} characters")
    copies = range(request.sampling.n)
    return ChatResponse(
        id=ids.new("chatcmpl"),
        model=target.name,
        created=clock.unix(),
        choices=tuple(_copy(part, finish, index) for index in copies),
        usage=Usage(
            prompt_tokens=sum(count(_words(message)) for message in request.messages),
            completion_tokens=count(_words_of(part)) * len(copies),
        ),
        served_by=target.account.name,
    )


def call_id(request: ChatRequest, name: str) -> str:
    """The same request makes the same call, and the next turn another one."""
    said = [[message.role, _words(message)] for message in request.messages]
    return f"call_{digest([said, name])[:24]}"


def word_by_word(response: ChatResponse) -> Iterator[ChatEvent]:
    """The events of a stream whose growths, joined, are the whole answer."""
    for event in explode(response):
        if isinstance(event, PartGrew):
            for word in WORD.findall(event.text):
                yield PartGrew(index=event.index, text=word, choice=event.choice)
        else:
            yield event


def _copy(part: Said, finish: Finish, index: int) -> Choice:
    if isinstance(part, ToolCall) and index:
        part = ToolCall(id=f"{part.id}_{index}", name=part.name, arguments=part.arguments)
    return Choice(message=Message(role="assistant", parts=(part,)), finish=finish, index=index)


def _ended(said: Said, request: ChatRequest) -> Ending:
    """What is left of it when it ends at a stop sequence or at the token limit."""
    if isinstance(said, ToolCall):
        return Ending(said, "tool_calls")
    text = said.text
    for stop in filter(None, request.stop):
        text = text.partition(stop)[0]
    most = request.sampling.max_tokens
    short = text if most is None else cut(text, most)
    return Ending(Text(text=short), "stop" if short == text else "length")


def _words(message: Message) -> str:
    return " ".join([message.text, *map(_words_of, message.tool_calls)])


def _words_of(part: Said) -> str:
    return part.text if isinstance(part, Text) else f"{part.name} {part.arguments}"
