"""`python -m benchmarks.conversations COUNT MESSAGES`: conversations of the tenant `bench`.

Prints their ids. Runs as a process of its own, with the environment of the store.
"""

import os
import sys
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import transaction  # noqa: E402

from common import ids  # noqa: E402
from conversations.additions import Addition, append_turns  # noqa: E402
from organisations.services import get_organisation  # noqa: E402
from vocabulary.chat import Message, Text  # noqa: E402


def main(count: int, messages: int) -> None:
    organisation_id = get_organisation("bench").pk
    for _ in range(count):
        print(_make(organisation_id, messages))


def _make(organisation_id: uuid.UUID, messages: int) -> uuid.UUID:
    place = ids.new_uuid()
    asked = [
        Message(role="user" if n % 2 else "assistant", parts=(Text(text=f"{n}: well. " * 10),))
        for n in range(messages)
    ]
    with transaction.atomic():
        append_turns(
            [
                Addition(
                    organisation_id=organisation_id,
                    conversation_id=place,
                    asked=asked,
                    creates=True,
                )
            ]
        )
    return place


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
