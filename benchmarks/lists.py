"""`python -m benchmarks.lists`: lists of one organisation with a million conversations.

Each list is asked for 50 times, over the ORM and without HTTP; the table has medians. It needs
PostgreSQL, where it makes a database of its own.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from uuid import UUID

import django

from benchmarks.store import store

CONVERSATIONS = int(os.environ.get("BENCH_CONVERSATIONS", "1000000"))
TIMES = 50
ALLOWED_MS = 5.0
FILL = """
    INSERT INTO conversations_conversation
        (id, organisation_id, created_at, last_message_at, name, state, message_count, tail,
         instructions, end_reason, end_note, ends, metadata)
    SELECT gen_random_uuid(), %s, at, at, 'Call ' || n, 'ended', 0, '[]', '[]', 'idle', '', 1,
        jsonb_build_object(
            'channel', CASE WHEN n %% 2 = 0 THEN 'phone' ELSE 'web' END,
            'team', 'team-' || n %% 100, 'agent', 'agent-' || n %% 1000,
            'agent_version', 'v' || n %% 250, 'caller', '+1' || n,
            'era', CASE WHEN n <= 5000 THEN 'old' ELSE 'new' END,
            'release', CASE WHEN n <= 500000 THEN 'one' ELSE 'two' END)
    FROM (SELECT n, timestamptz '2025-01-01' + n * interval '20 s' AS at
          FROM generate_series(1, %s) AS n) AS made
"""
FILTERS: Mapping[str, dict[str, list[str]]] = {
    "newest": {},
    "metadata: half of all": {"metadata->channel": ["eq.phone"]},
    "metadata: one in 100": {"metadata->team": ["eq.team-7"]},
    "metadata: one in 250": {"metadata->agent_version": ["eq.v7"]},
    "metadata: one in 1,000": {"metadata->agent": ["eq.agent-7"]},
    "metadata: a single one": {"metadata->caller": ["eq.+1500000"]},
    "metadata: none": {"metadata->caller": ["eq.nobody"]},
    "metadata: only the oldest 5,000": {"metadata->era": ["eq.old"]},
    # The known weak spot: frequent, so the planner walks the order, and all at its far end.
    "metadata: the older half": {"metadata->release": ["eq.one"]},
    "metadata: two keys": {"metadata->channel": ["eq.phone"], "metadata->agent": ["eq.agent-8"]},
    "metadata: a list": {"metadata->agent": ["in.(agent-7,agent-8)"]},
    "metadata, by last message": {
        "metadata->agent": ["eq.agent-7"],
        "order": ["last_message_at.desc"],
    },
}


def main() -> int:
    with store() as env:
        if "DATABASE_URL" not in env:
            print("skipped: there is no PostgreSQL")
            return 0
        os.environ.update(env)
        django.setup()
        return report(measure_lists())


def measure_lists() -> dict[str, float]:
    """Medians in milliseconds."""
    from conversations.queries import find_conversations
    from organisations.actor import system

    organisation_id = fill()
    actor = system(organisation_id)
    lists = {**FILTERS, **go_deep(organisation_id)}
    return {name: clock(partial(find_conversations, actor, given)) for name, given in lists.items()}


def fill() -> UUID:
    from django.db import connection

    from organisations.services import create_organisation

    organisation = create_organisation("bench")
    with connection.cursor() as cursor:
        cursor.execute(FILL, [organisation.pk, CONVERSATIONS])
        cursor.execute("VACUUM ANALYZE conversations_conversation")
    return organisation.pk


def go_deep(organisation_id: UUID) -> dict[str, dict[str, list[str]]]:
    """Page 18,000 of 50, by what the page before it ended with."""
    from conversations.models import Conversation

    rows = Conversation.objects.for_organisation(organisation_id).order_by("-created_at", "-id")
    last = rows.values_list("pk", flat=True)[CONVERSATIONS * 9 // 10 - 1]
    return {
        "page 18,000, after": {"after": [str(last)], "limit": ["50"]},
        "offset 10,000": {"offset": ["10000"], "limit": ["50"]},
    }


def clock(ask: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return 1000 * median(taken)


def report(medians: Mapping[str, float]) -> int:
    for name, ms in medians.items():
        print(f"{name:34} {ms:8.2f} ms {'' if ms <= ALLOWED_MS else '  too slow'}")
    return int(any(ms > ALLOWED_MS for ms in medians.values()))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
