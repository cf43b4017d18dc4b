"""What others do with webhooks: the public verbs, each from the module of its noun."""

from webhooks.announcements import EVENT_TYPES, Address, Announcement
from webhooks.endpoints import (
    create_endpoint,
    delete_endpoint,
    rotate_secret,
    update_endpoint,
)
from webhooks.keys import public_key
from webhooks.outbox import publish
from webhooks.redelivery import redeliver, redeliver_range
from webhooks.rehearsal import send_test

__all__ = [
    "EVENT_TYPES",
    "Address",
    "Announcement",
    "create_endpoint",
    "delete_endpoint",
    "public_key",
    "publish",
    "redeliver",
    "redeliver_range",
    "rotate_secret",
    "send_test",
    "update_endpoint",
]
