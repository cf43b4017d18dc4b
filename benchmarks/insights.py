"""`python -m benchmarks.insights prepare N | work | report`: the parts of the insight phase.

They run as processes of their own, with the environment of the store.
"""

import json
import os
import signal
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.db.models import Count, Max, Min  # noqa: E402

from conversations.services import (  # noqa: E402
    add_message,
    create_conversation,
    end_conversation,
)
from demo.conversations import SAMPLES  # noqa: E402
from insights.models import Result  # noqa: E402
from insights.services import assign, create_group, create_template  # noqa: E402
from jobs import embedded  # noqa: E402
from organisations.actor import Actor, system  # noqa: E402
from organisations.services import get_organisation  # noqa: E402
from vocabulary.chat import Message, Text  # noqa: E402
from vocabulary.json import JsonObject  # noqa: E402

SCHEMA: JsonObject = {"type": "object", "properties": {"resolved": {"type": ["boolean", "null"]}}}


def prepare(count: int) -> None:
    """`count` ended conversations, each with one insight to be run."""
    actor = system(get_organisation("bench").pk)
    group = create_group(actor, name="bench", is_default=True)
    template = create_template(
        actor, name="outcome", instructions="Was it resolved?", json_schema=SCHEMA
    )
    assign(actor, group.id, template.id)
    for start in range(0, count, 100):
        with transaction.atomic():
            for number in range(start, min(start + 100, count)):
                _add_conversation(actor, number)


def _add_conversation(actor: Actor, number: int) -> None:
    sample = SAMPLES[number % len(SAMPLES)]
    conversation = create_conversation(actor, name=sample.name)
    for role, text in sample.turns():
        add_message(actor, conversation.pk, message=Message(role=role, parts=(Text(text=text),)))
    end_conversation(actor, conversation.pk)


def work() -> None:
    """Run jobs until told to stop."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    embedded.start()
    stop.wait()
    embedded.stop()


def report() -> None:
    """How many results there are by state, and over how many seconds they were finished."""
    done = Result.unscoped.filter(status="completed").aggregate(
        count=Count("id"), first=Min("finished_at"), last=Max("finished_at")
    )
    seconds = (done["last"] - done["first"]).total_seconds() if done["count"] else 0.0
    failed = Result.unscoped.filter(status="failed").count()
    print(json.dumps({"completed": done["count"], "failed": failed, "seconds": seconds}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", count]:
            prepare(int(count))
        case ["work"]:
            work()
        case ["report"]:
            report()
