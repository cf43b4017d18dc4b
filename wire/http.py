"""An outbound HTTP call and its reply, as plain values: what a codec writes and reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in seconds. `total` is what no server can stretch by dripping bytes."""

    total: float = 120.0
    connect: float = 5.0
    between_bytes: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """`max_bytes` caps the reply's body; a longer one is an error, never a cut."""

    method: Method
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    deadlines: Deadlines = Deadlines()
    max_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
