"""On PostgreSQL, what is listed and swept often is found by an index."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from common import clock
from conversations import services
from conversations.filters.listing import parse_listing
from conversations.filters.ordering import compile_after, compile_orders
from conversations.models import Conversation
from organisations.models import Organisation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="its plans are looked at"),
]
ROWS = 4_000


@pytest.fixture
def many(organisation: Organisation) -> Organisation:
    Conversation.objects.bulk_create(
        Conversation(
            organisation=organisation,
            created_at=clock.now() - timedelta(minutes=n),
            last_message_at=clock.now(),
            metadata={"caller": f"+{n}", "channel": "phone" if n % 2 else "web"},
        )
        for n in range(ROWS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation, organisations_organisation")
    return organisation


def plan(found: QuerySet[Conversation]) -> str:
    return str(found.explain())


def listed(organisation: Organisation, **given: str) -> QuerySet[Conversation]:
    listing = parse_listing({name: [text] for name, text in given.items()})
    mine = Conversation.objects.for_organisation(organisation).filter(listing.where)
    return mine.order_by(*compile_orders(listing.orders))[: listing.limit]


@pytest.mark.parametrize("text", ["eq.+77", "in.(+77,+78)"])
def test_what_few_conversations_have_is_found_by_the_index_on_metadata(many, text):
    assert "conversation_metadata" in plan(listed(many, **{"metadata->caller": text}))


def test_what_many_have_is_found_in_the_order_of_the_list_without_sorting(many):
    found = plan(listed(many, **{"metadata->channel": "eq.phone"}))
    assert "conversation_new" in found
    assert "Sort" not in found


@pytest.mark.parametrize(
    ("order", "index"),
    [("created_at.desc", "conversation_new"), ("last_message_at.asc", "conversation_recent")],
)
def test_a_page_in_the_depth_begins_where_the_last_one_ended(many, order, index):
    listing = parse_listing({"order": [order]})
    mine = Conversation.objects.for_organisation(many)
    row = mine.order_by(*compile_orders(listing.orders))[ROWS - 100]
    beyond = mine.filter(compile_after(listing.orders, row))
    found = plan(beyond.order_by(*compile_orders(listing.orders))[:50])
    assert f"Index Scan using {index}" in found or f"Index Scan Backward using {index}" in found
    [condition] = [line for line in found.splitlines() if "Index Cond" in line]
    assert "ROW(" in condition


def test_a_sweep_reads_none_that_are_not_silent(many):
    silent = Conversation.unscoped.filter(metadata__caller="+1")
    silent.update(last_message_at=Now() - timedelta(days=1))
    [idle] = services._find_idle()
    assert "conversation_idle" in plan(idle[:200])
