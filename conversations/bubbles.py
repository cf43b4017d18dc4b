"""A transcript as the admin shows it: messages as bubbles, with the words that bear out insights
marked in them. Pure; the template escapes and lays out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal, assert_never
from urllib.parse import urlsplit

from conversations import parts
from conversations.models import Message, MessageStatus
from vocabulary.chat import (
    Audio,
    Document,
    Image,
    Inline,
    Location,
    Part,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
    Url,
    Video,
)

LONGEST_PIECE = 20_000
"""Characters of one part that are shown; the message's own page has the rest."""

type Kind = Literal["text", "refusal", "reasoning", "call", "result", "medium"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a message's text, quoted under `key`."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is quoted under all of `keys`. `opens` are those that begin here."""

    text: str
    keys: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a message. `title` is a tool's name or what a medium is; `href` where it is."""

    kind: Kind
    title: str = ""
    segments: tuple[Segment, ...] = ()
    href: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """A message."""

    id: str
    seq: int
    role: str
    name: str
    at: datetime
    model: str
    is_incomplete: bool
    pieces: tuple[Piece, ...]


def read_bubbles(messages: Iterable[Message], spans: Mapping[str, Sequence[Span]]) -> list[Bubble]:
    """`spans` are by the message's id. A tool's result is called by the tool's name, where the call
    is among the messages."""
    tools: dict[str, str] = {}
    return [_bubble(message, spans.get(str(message.pk), ()), tools) for message in messages]


def cut(text: str, spans: Sequence[Span], offset: int = 0) -> tuple[Segment, ...]:
    """`text`, which begins at character `offset` of its message, cut wherever a span begins or
    ends, so that overlapping ones can be told apart."""
    inside = [
        Span(max(s.start - offset, 0), min(s.end - offset, len(text)), s.key)
        for s in spans
        if s.start - offset < len(text) and s.end > offset
    ]
    edges = sorted({0, len(text), *(s.start for s in inside), *(s.end for s in inside)})
    return tuple(
        Segment(
            text[start:end],
            keys=tuple(s.key for s in inside if s.start <= start and end <= s.end),
            opens=tuple(s.key for s in inside if s.start == start),
        )
        for start, end in pairwise(edges)
    )


def _bubble(message: Message, spans: Sequence[Span], tools: dict[str, str]) -> Bubble:
    return Bubble(
        id=str(message.pk),
        seq=message.seq,
        role=message.role,
        name=message.name,
        at=message.sent_at or message.created_at,
        model=message.model,
        is_incomplete=message.status == MessageStatus.INCOMPLETE,
        pieces=tuple(_pieces(message, spans, tools)),
    )


def _pieces(message: Message, spans: Sequence[Span], tools: dict[str, str]) -> Iterator[Piece]:
    """A message's text is that of its text parts, joined: each begins where the last one ended."""
    offset = 0
    for spelled in message.parts:
        part = parts.load(spelled)
        if isinstance(part, ToolCall):
            tools[part.id] = part.name
        yield _piece(part, spans, offset, tools)
        if isinstance(part, Text | Refusal | ToolResult):
            offset += len(part.text)


def _piece(part: Part, spans: Sequence[Span], offset: int, tools: Mapping[str, str]) -> Piece:
    match part:
        case Text():
            return _words("text", part.text, spans, offset)
        case Refusal():
            return _words("refusal", part.text, spans, offset)
        case ToolResult():
            return _words(
                "result", part.text, spans, offset, title=tools.get(part.call_id, part.call_id)
            )
        case Reasoning():
            return _words("reasoning", part.text)
        case ToolCall():
            return _words("call", part.arguments, title=part.name)
        case Image():
            return _medium("Image", part.at)
        case Audio():
            return _medium("Audio", part.at, part.format)
        case Video():
            return _medium("Video", part.at)
        case Document():
            return _medium("Document", part.at, part.filename)
        case _:
            assert_never(part)


def _words(
    kind: Kind, text: str, spans: Sequence[Span] = (), offset: int = 0, *, title: str = ""
) -> Piece:
    shown = text[:LONGEST_PIECE]
    return Piece(
        kind=kind, title=title, segments=cut(shown, spans, offset), hidden=len(text) - len(shown)
    )


def _medium(what: str, at: Location, more: str | None = None) -> Piece:
    title = " · ".join(filter(None, (what, more, _place(at))))
    return Piece(kind="medium", title=title, href=_href(at))


def _place(at: Location) -> str:
    match at:
        case Url():
            return urlsplit(at.url).netloc or "address"
        case Stored():
            return f"file {at.file_id}"
        case Inline():
            return f"{at.media_type}, {len(at.data) * 3 // 4 / 1024:,.0f} KB"
        case _:
            assert_never(at)


def _href(at: Location) -> str:
    """An address that a click may follow: a caller may have sent any scheme."""
    is_safe = isinstance(at, Url) and at.url.lower().startswith(("https://", "http://"))
    return at.url if is_safe and isinstance(at, Url) else ""
