"""The parts of a message's content in the OpenAI chat format, both directions.

Beyond OpenAI's own kinds this carries `video_url`, which self-hosted servers take, a bare string as
a text part and an `image_url` that is a plain string. Not carried: files by id as images, audio by
address. A part's cache hints are ignored.
"""

from typing import assert_never

from vocabulary.chat import (
    Audio,
    Detail,
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
from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.fields import as_object, as_text, find_choice, find_text, get_object, get_text, place

DETAILS: dict[str, Detail] = {"auto": "auto", "low": "low", "high": "high", "original": "original"}
AUDIO_TYPES = {"mp3": "audio/mpeg", "pcm16": "audio/pcm"}
UNKNOWN_TYPE = "application/octet-stream"


def parse_part(value: Json, at: str) -> Part:
    if isinstance(value, str):
        return Text(text=value)
    body = as_object(value, at)
    match get_text(body, "type", at):
        case "text":
            return Text(text=get_text(body, "text", at))
        case "refusal":
            return Refusal(text=get_text(body, "refusal", at))
        case "image_url":
            return _parse_image(body, at)
        case "video_url":
            return Video(at=_parse_address(body, "video_url", at))
        case "input_audio":
            return _parse_audio(get_object(body, "input_audio", at), place(at, "input_audio"))
        case "file":
            return _parse_file(get_object(body, "file", at), place(at, "file"))
        case unknown:
            raise InvalidRequest(place(at, "type"), f"unknown part type {unknown!r}")


def render_part(part: Part, at: str) -> JsonObject:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Refusal():
            return {"type": "refusal", "refusal": part.text}
        case Image():
            image = {"url": _render_address(part.at, at)}
            if part.detail is not None:
                image["detail"] = part.detail
            return {"type": "image_url", "image_url": image}
        case Video():
            return {"type": "video_url", "video_url": {"url": _render_address(part.at, at)}}
        case Audio():
            return {"type": "input_audio", "input_audio": _render_audio(part, at)}
        case Document():
            return {"type": "file", "file": _render_file(part, at)}
        case ToolCall() | ToolResult() | Reasoning():
            kind = type(part).__name__
            raise Unrepresentable(at, f"a {kind} cannot stand here in the OpenAI chat format")
        case _:
            assert_never(part)


# -- images and videos: an address or a data URL ------------------------------------------------
def _parse_image(body: JsonObject, at: str) -> Image:
    inner = body.get("image_url")
    detail = None
    if isinstance(inner, dict):
        detail = find_choice(inner, "detail", place(at, "image_url"), DETAILS)
    return Image(at=_parse_address(body, "image_url", at), detail=detail)


def _parse_address(body: JsonObject, key: str, at: str) -> Location:
    """`{"url": …}`, or the bare address."""
    if isinstance(body.get(key), dict):
        return _parse_url(get_text(get_object(body, key, at), "url", place(at, key)))
    return _parse_url(get_text(body, key, at))


def _parse_url(url: str) -> Location:
    head, comma, data = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        return Inline(data=data, media_type=head[len("data:") : -len(";base64")])
    return Url(url=url)


def _render_address(location: Location, at: str) -> str:
    match location:
        case Url():
            return location.url
        case Inline():
            return f"data:{location.media_type};base64,{location.data}"
        case Stored():
            raise Unrepresentable(at, "the OpenAI chat format cannot name a stored file here")
        case _:
            assert_never(location)


# -- audio: always inline -----------------------------------------------------------------------
def _parse_audio(body: JsonObject, at: str) -> Audio:
    form = get_text(body, "format", at)
    media_type = AUDIO_TYPES.get(form, f"audio/{form}")
    return Audio(at=Inline(data=get_text(body, "data", at), media_type=media_type), format=form)


def _render_audio(part: Audio, at: str) -> JsonObject:
    if not isinstance(part.at, Inline):
        raise Unrepresentable(at, "the OpenAI chat format carries audio only inline")
    return {"data": part.at.data, "format": part.format or _audio_format(part.at.media_type)}


def _audio_format(media_type: str) -> str:
    formats = {media_type: form for form, media_type in AUDIO_TYPES.items()}
    return formats.get(media_type, media_type.removeprefix("audio/"))


# -- documents: inline or by file id ------------------------------------------------------------
def _parse_file(body: JsonObject, at: str) -> Document:
    filename = find_text(body, "filename", at)
    if body.get("file_id") is not None:
        return Document(at=Stored(file_id=get_text(body, "file_id", at)), filename=filename)
    data = as_text(body.get("file_data"), place(at, "file_data"))
    location = _parse_url(data)
    if isinstance(location, Url):  # bare base64 is taken too
        location = Inline(data=data, media_type=UNKNOWN_TYPE)
    return Document(at=location, filename=filename)


def _render_file(part: Document, at: str) -> JsonObject:
    named = {"filename": part.filename} if part.filename is not None else {}
    match part.at:
        case Stored():
            return {"file_id": part.at.file_id} | named
        case Inline():
            return {"file_data": _render_address(part.at, at)} | named
        case Url():
            raise Unrepresentable(at, "the OpenAI chat format cannot name a file by its address")
        case _:
            assert_never(part.at)
