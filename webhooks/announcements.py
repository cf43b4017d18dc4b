"""What other apps say happened: plain values, given to `webhooks.services.publish`."""

import uuid
from dataclasses import dataclass

from vocabulary.json import JsonObject

ENDPOINT_DISABLED = "endpoint.disabled"
EVENT_TYPES = (
    "conversation.ended",
    "conversation.reopened",
    "insight.completed",
    "insight.failed",
    ENDPOINT_DISABLED,
)


@dataclass(frozen=True, slots=True)
class Address:
    """A receiver of one announcement besides the subscribed endpoints. No dialect: the default."""

    url: str
    dialect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something that happened to `subject`. `payload` is what receivers get as `data`."""

    organisation_id: uuid.UUID
    type: str
    subject: uuid.UUID | None
    payload: JsonObject
    addresses: tuple[Address, ...] = ()
