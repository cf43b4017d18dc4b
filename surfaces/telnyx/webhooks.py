"""Webhooks as Telnyx sends them: the flat event that receivers see in production, with Ed25519.

`webhooks.dialects` finds this class through the plugboard (`WEBHOOK_DIALECTS`); the headers of
Standard Webhooks are added to its own. Receivers check `telnyx-signature-ed25519` over
`{timestamp}|{body}` with the key of `GET /public_key`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from surfaces.telnyx.translate.webhooks import render_event
from vocabulary.json import JsonObject
from webhooks.signing import sign_ed25519

if TYPE_CHECKING:
    from webhooks.dialects import EventView

TIMESTAMP: Final = "telnyx-timestamp"
SIGNATURE: Final = "telnyx-signature-ed25519"


class Telnyx:
    """The dialect `telnyx`."""

    def body(self, event: "EventView") -> JsonObject:
        return render_event(event)

    def headers(self, *, body: bytes, timestamp: int, key: Ed25519PrivateKey) -> Mapping[str, str]:
        """`timestamp` is Unix seconds; the signature covers the exact bytes that are sent."""
        signature = sign_ed25519(timestamp=timestamp, body=body, key=key)
        return {TIMESTAMP: str(timestamp), SIGNATURE: signature}
