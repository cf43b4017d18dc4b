"""One attempt: sign a parcel, send it through the outbound door, say what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common import clock, http
from common.database_time import DatabaseTime
from common.secrets import Secret
from vocabulary.errors import AddressRefused, UpstreamError
from webhooks.dialects import get_dialect
from webhooks.models import Endpoint
from webhooks.signing import load_ed25519, sign_standard
from wire.http import Deadlines, HttpCall, Reply
from wire.retry_after import parse_retry_after

DEADLINES = Deadlines(total=15, connect=5, between_bytes=15)  # seconds
LONGEST_REPLY = 16 * 1024  # bytes
ASKS_TO_WAIT = (429, 503)
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """All that an attempt needs, without a database. `id` is the event's, the same in each one."""

    id: str
    url: str
    body: bytes
    dialect: str
    secrets: Sequence[Secret]
    private_key: Secret
    time: DatabaseTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What came of an attempt. `status` is None where no answer came, and `error` says why.

    `retry_after` (seconds) is what a receiver asked for that may ask.
    """

    at: datetime
    status: int | None = None
    error: str = ""
    retry_after: float | None = None
    duration_ms: int = 0

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


async def post(parcel: Parcel) -> Attempted:
    """Make one attempt. What the receiver or the network does wrong is told, never raised."""
    at, began = parcel.time.now(), clock.monotonic()
    call = HttpCall(
        method="POST",
        url=parcel.url,
        headers=_headers(parcel, int(at.timestamp())),
        body=parcel.body,
        deadlines=DEADLINES,
        max_bytes=LONGEST_REPLY,
    )
    status, error, retry_after = None, "", None
    try:
        reply = await http.send(call)
        status, error, retry_after = reply.status, _fault(reply), _asked(reply, at)
    except UpstreamError as failure:
        status, error = failure.status, failure.message
    except AddressRefused as failure:
        error = failure.message
    return Attempted(
        at=at,
        status=status,
        error=error,
        retry_after=retry_after,
        duration_ms=round((clock.monotonic() - began) * 1000),
    )


def secrets_of(endpoint: Endpoint, now: datetime) -> list[Secret]:
    """The secret, and during a rotation the one before it."""
    until = endpoint.previous_secret_until
    if endpoint.previous_secret and until is not None and until > now:
        return [endpoint.secret, endpoint.previous_secret]
    return [endpoint.secret]


def _headers(parcel: Parcel, timestamp: int) -> dict[str, str]:
    standard = sign_standard(
        id=parcel.id, timestamp=timestamp, body=parcel.body, secrets=parcel.secrets
    )
    own = get_dialect(parcel.dialect).headers(
        body=parcel.body, timestamp=timestamp, key=_load(parcel.private_key)
    )
    return {"Content-Type": "application/json", **own, **standard}


@lru_cache(maxsize=256)
def _load(private_key: Secret) -> Ed25519PrivateKey:
    return load_ed25519(private_key)


def _fault(reply: Reply) -> str:
    if 300 <= reply.status < 400:
        return "redirects are not followed"
    return ""


def _asked(reply: Reply, now: datetime) -> float | None:
    return parse_retry_after(reply.headers, now) if reply.status in ASKS_TO_WAIT else None
