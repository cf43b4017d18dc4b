"""What buckets and paths may be called, and what may be noted beside an object. Pure."""

import ipaddress
import mimetypes
import re
from collections.abc import Mapping
from typing import Final

from vocabulary.errors import InvalidRequest

MOST_PATH_BYTES: Final = 1024
MOST_METADATA_BYTES: Final = 2048
USUAL_TYPE: Final = "application/octet-stream"
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TYPE: Final = re.compile(r"[!-~][ -~]{0,199}")
_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RULE: Final = (
    "a bucket's name has 3 to 63 lower-case letters, digits, hyphens and single dots, "
    "begins and ends with a letter or digit, and is no IP address"
)


def check_bucket_name(name: str) -> None:
    """S3's rules. Raises `InvalidRequest` at `bucket`."""
    if not _BUCKET.fullmatch(name) or ".." in name or ".-" in name or "-." in name:
        raise InvalidRequest("bucket", _RULE)
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return
    raise InvalidRequest("bucket", _RULE)


def check_path(path: str) -> None:
    """Raises `InvalidRequest` at `path`. Nothing that a file system would read as a way out."""
    if not path:
        raise InvalidRequest("path", "an object's path is empty", missing=True)
    if _CONTROL.search(path):
        raise InvalidRequest("path", f"the path {path!r} holds a control character")
    if len(path.encode()) > MOST_PATH_BYTES:
        raise InvalidRequest("path", f"the path is longer than {MOST_PATH_BYTES} bytes")
    for step in path.split("/"):
        if step in {"", ".", ".."}:
            raise InvalidRequest("path", f"the path {path!r} has the step {step!r}")


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Texts by lower-case name, 2 KB together. Raises `InvalidRequest` at the name."""
    for name, text in metadata.items():
        if not _NAME.fullmatch(name):
            raise InvalidRequest("metadata", "a name has lower-case letters, digits and hyphens")
        if not isinstance(text, str) or _CONTROL.search(text):
            raise InvalidRequest(f"metadata.{name}", "must be a text without control characters")
    if sum(len(name) + len(text.encode()) for name, text in metadata.items()) > MOST_METADATA_BYTES:
        raise InvalidRequest("metadata", f"is larger than {MOST_METADATA_BYTES} bytes")


def settle_content_type(given: str, path: str) -> str:
    """What was said, or what the path's ending says. Raises `InvalidRequest`."""
    if given and not _TYPE.fullmatch(given):
        raise InvalidRequest("content_type", "must be at most 200 printable ASCII characters")
    return given or mimetypes.guess_type(path)[0] or USUAL_TYPE
