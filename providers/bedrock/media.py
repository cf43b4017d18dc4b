"""Images, documents, videos and sound as blocks of Converse: bytes, or an object in S3."""

import re
from collections.abc import Mapping
from typing import Final, assert_never

from vocabulary.chat import Audio, Document, Image, Inline, Location, Stored, Url, Video
from vocabulary.errors import Unrepresentable
from vocabulary.json import JsonObject

_IMAGES: Final[Mapping[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_DOCUMENTS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
_VIDEOS: Final[Mapping[str, str]] = {
    "video/x-matroska": "mkv",
    "video/quicktime": "mov",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
_SOUNDS: Final[Mapping[str, str]] = {
    "audio/mpeg": "mp3",
    "audio/opus": "opus",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "mp4",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
    "audio/pcm": "pcm",
}
_ENDINGS: Final = {"htm": "html", "jpg": "jpeg", "markdown": "md", "3gp": "three_gp"}
_NOT_OF_A_NAME: Final = re.compile(r"[^A-Za-z0-9()\[\]-]+")


def render_image(part: Image, at: str) -> JsonObject:
    return {"image": _medium(part.at, _IMAGES, "", at)}


def render_video(part: Video, at: str) -> JsonObject:
    return {"video": _medium(part.at, _VIDEOS, "", at)}


def render_audio(part: Audio, at: str) -> JsonObject:
    return {"audio": _medium(part.at, _SOUNDS, part.format or "", at)}


def render_document(part: Document, at: str) -> JsonObject:
    """Names are kept to the characters that are taken; one without a name is told by its place."""
    stem, _, ending = (part.filename or "").rpartition(".")
    name = _NOT_OF_A_NAME.sub(" ", stem or ending).strip()
    place = _NOT_OF_A_NAME.sub(" ", at).strip()
    medium = _medium(part.at, _DOCUMENTS, ending if stem else "", at)
    return {"document": {**medium, "name": (name or place)[:200]}}


def _medium(location: Location, formats: Mapping[str, str], ending: str, at: str) -> JsonObject:
    match location:
        case Inline():
            kind = location.media_type.partition(";")[0].strip().lower()
            form = _find_format(kind, formats, ending, at)
            return {"format": form, "source": {"bytes": location.data}}
        case Url(url=url) if url.startswith("s3://"):
            form = _find_format("", formats, url.rpartition(".")[2], at)
            return {"format": form, "source": {"s3Location": {"uri": url}}}
        case Url():
            raise Unrepresentable(at, "this upstream fetches nothing but objects of S3")
        case Stored():
            raise Unrepresentable(at, "this upstream cannot name a stored file")
        case _:
            assert_never(location)


def _find_format(kind: str, formats: Mapping[str, str], ending: str, at: str) -> str:
    ending = _ENDINGS.get(ending.lower(), ending.lower())
    found = formats.get(kind) or (ending if ending in formats.values() else None)
    if found is None:
        raise Unrepresentable(at, f"this upstream takes no {kind or 'file of this kind'} here")
    return found
