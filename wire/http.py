"""An outbound HTTP call and its reply, as plain values: what a codec writes and reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in seconds. `total` is what no server can stretch by dripping bytes."""

    total: float = 120.0
    connect: float = 5.0
    between_bytes: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A file on this machine's disk, as the part of a form."""

    path: Path
    name: str
    media_type: str = "application/octet-stream"


type Form = tuple[tuple[str, str | FormFile], ...]
"""The parts of a multipart form, in order; a name may come several times."""
type Body = bytes | Path | Form
"""A path is a file whose content is the body. Files are read as they are sent, never held whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """`max_bytes` caps the reply's body; a longer one is an error, never a cut. A form brings its
    own content type."""

    method: Method
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = b""
    deadlines: Deadlines = Deadlines()
    max_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
