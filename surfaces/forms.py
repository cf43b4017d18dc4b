"""Multipart forms of any size: fields in memory, files on the disk as they come in. All bounded."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from files.spool import Spooled, spooled
from surfaces.raw import RawRequest
from vocabulary.errors import DomainError, InvalidRequest, TooLarge, UnsupportedMedia

FORM: Final = "multipart/form-data"
MOST_PARTS: Final = 128
MOST_FILES: Final = 8
MOST_FIELD: Final = 64 * 1024
MOST_FIELDS: Final = 1024 * 1024
"""Bytes of all fields together."""
MOST_DISCARDED: Final = 26 * 1024 * 1024

type Event = MultipartSegment | bytes | None
"""The head of a part, some of its content, its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormUpload:
    """A file that came in. What it was called and said to be are only claims."""

    spooled: Spooled
    filename: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields in their order, a name maybe several times; files by name."""

    fields: list[tuple[str, str]]
    files: dict[str, FormUpload]


@asynccontextmanager
async def read_form(request: RawRequest, *, most_file: int) -> AsyncIterator[Form]:
    """The form in the body; its files are gone when the block ends.

    Raises `UnsupportedMedia` for another content type, `TooLarge` for a file over `most_file` bytes
    or too many parts, `InvalidRequest` for what is no form.
    """
    parser = _make_parser(request.headers.get("content-type", ""))
    async with AsyncExitStack() as stack:
        try:
            async with aclosing(_events(request.body, parser)) as events:
                form = await _read(events, stack, most_file)
        except TooLarge:
            await _discard(request.body)
            raise
        yield form


def _make_parser(content_type: str) -> PushMultipartParser:
    kind, options = parse_options_header(content_type)
    if kind.lower() != FORM:
        raise UnsupportedMedia(f"the body must be {FORM}")
    if not options.get("boundary"):
        raise InvalidRequest("", "the content type has no boundary")
    return PushMultipartParser(options["boundary"], max_segment_count=MOST_PARTS)


async def _events(body: AsyncIterator[bytes], parser: PushMultipartParser) -> AsyncGenerator[Event]:
    try:
        async for chunk in body:
            for event in parser.parse(chunk):
                yield bytes(event) if isinstance(event, bytearray) else event
        parser.close()
    except ParserLimitReached as fault:
        raise TooLarge(f"the form is too large: {fault}") from fault
    except (MultipartError, ValueError) as fault:
        raise InvalidRequest("", f"the body is not a valid form: {fault}") from fault


async def _read(events: AsyncGenerator[Event], stack: AsyncExitStack, most_file: int) -> Form:
    form = Form(fields=[], files={})
    room = MOST_FIELDS
    async for event in events:
        if not isinstance(event, MultipartSegment):
            continue
        name = event.name or ""
        if event.filename is None:
            text = await _read_field(name, events)
            room -= len(text)
            if room < 0:
                raise TooLarge("the form's fields are too large")
            form.fields.append((name, text))
            continue
        if name in form.files or len(form.files) == MOST_FILES:
            raise InvalidRequest(name, "came more than once, or with too many files")
        file = await stack.enter_async_context(spooled(_content(events), most=most_file))
        kind = event.content_type or "application/octet-stream"
        form.files[name] = FormUpload(spooled=file, filename=event.filename, media_type=kind)
    return form


async def _read_field(name: str, events: AsyncGenerator[Event]) -> str:
    held = bytearray()
    async for piece in _content(events):
        held += piece
        if len(held) > MOST_FIELD:
            raise TooLarge(f"the field '{name[:100]}' is larger than {MOST_FIELD} bytes")
    try:
        text = held.decode()
    except UnicodeDecodeError as fault:
        raise InvalidRequest(name, "is not UTF-8") from fault
    if "\x00" in text or "\x00" in name:
        raise InvalidRequest(name.replace("\x00", ""), "holds a NUL character")
    return text


async def _content(events: AsyncGenerator[Event]) -> AsyncIterator[bytes]:
    """What is left of the part that has begun."""
    async for event in events:
        if not isinstance(event, bytes):
            return
        yield event


async def _discard(body: AsyncIterator[bytes]) -> None:
    """Read on within measure: the connection is cut under a caller who is still writing, and the
    refusal is never read."""
    left = MOST_DISCARDED
    with suppress(DomainError):
        async for piece in body:
            left -= len(piece)
            if left < 0:
                return
