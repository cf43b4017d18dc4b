"""`python -m benchmarks.insights prepare N opened|ended`, `work`, `report`: the insight phase.

They run as processes of their own, with the environment of the store.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.db.models import Count, Max, Min  # noqa: E402

from common import ids  # noqa: E402
from conversations.additions import Addition, append_turns  # noqa: E402
from conversations.services import end_conversation  # noqa: E402
from demo.conversations import SAMPLES  # noqa: E402
from insights.models import Result, TemplateVersion, Trigger  # noqa: E402
from insights.opening import Order, open_runs  # noqa: E402
from insights.queries import current_versions  # noqa: E402
from insights.services import assign, create_group, create_template  # noqa: E402
from jobs import embedded  # noqa: E402
from organisations.actor import Actor, system  # noqa: E402
from organisations.services import get_organisation  # noqa: E402
from vocabulary.chat import Message, Text  # noqa: E402
from vocabulary.json import JsonObject  # noqa: E402

BATCH = 100
SCHEMA: JsonObject = {"type": "object", "properties": {"resolved": {"type": ["boolean", "null"]}}}


def prepare(count: int, *, opened: bool) -> None:
    """`count` conversations, each with one insight to be run: its run is `opened` already, or the
    conversation has ended and the worker opens it."""
    actor = system(get_organisation("bench").pk)
    group = create_group(actor, name="bench", is_default=True)
    template = create_template(
        actor, name="outcome", instructions="Was it resolved?", json_schema=SCHEMA
    )
    assign(actor, group.id, template.id)
    versions = list(current_versions(actor.organisation_id).filter(template_id=template.id))
    for start in range(0, count, BATCH):
        with transaction.atomic():
            added = [_sample(actor, n) for n in range(start, min(start + BATCH, count))]
            append_turns(added)
            if opened:
                open_runs(actor.organisation_id, [_order(each, versions) for each in added])
            else:
                for each in added:
                    end_conversation(actor, each.conversation_id)


def _sample(actor: Actor, number: int) -> Addition:
    turns = SAMPLES[number % len(SAMPLES)].turns()
    return Addition(
        organisation_id=actor.organisation_id,
        conversation_id=ids.new_uuid(),
        asked=[Message(role=role, parts=(Text(text=text),)) for role, text in turns],
        creates=True,
    )


def _order(added: Addition, versions: Sequence[TemplateVersion]) -> Order:
    return Order(
        conversation_id=added.conversation_id,
        length=len(added.asked),
        versions=versions,
        trigger=Trigger.END,
    )


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
        case ["prepare", count, how]:
            prepare(int(count), opened=how == "opened")
        case ["work"]:
            work()
        case ["report"]:
            report()
