"""Entries become rows as they are, and reports are sums over them."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from organisations.actor import Actor, system
from organisations.models import Organisation
from usage.ledger import Entry, insert
from usage.models import UsageRecord
from usage.queries import summary

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def actor() -> Actor:
    return system(Organisation.objects.create(slug="acme", name="Acme").pk)


def keep(actor: Actor, **values) -> Entry:
    entry = Entry(**{"organisation_id": actor.organisation_id, "requested_model": "m", **values})
    with transaction.atomic():
        insert([entry])
    return entry


def test_an_entry_is_kept_to_the_letter(actor: Actor):
    key = uuid.uuid4()
    entry = keep(
        actor,
        model="m-2026",
        outcome="failed",
        error="upstream_timeout",
        api_key_id=key,
        cost=Decimal("0.000000001"),
        prompt_tokens=3,
        first_token_ms=7,
        streamed=True,
        end_user='tab\tnew\nline \\N "quote"',
    )
    row = UsageRecord.objects.for_organisation(actor.organisation_id).get()
    assert row.pk == entry.id
    assert (row.at, row.end_user) == (entry.at, entry.end_user)
    assert (row.cost, row.api_key_id, row.conversation_id) == (entry.cost, key, None)
    assert (row.model, row.outcome, row.error) == ("m-2026", "failed", "upstream_timeout")
    assert (row.prompt_tokens, row.first_token_ms, row.streamed) == (3, 7, True)


def test_summary_sums_tokens_costs_and_outcomes_of_each_model(actor: Actor):
    keep(actor, model="a", prompt_tokens=10, cost=Decimal("0.25"), latency_ms=100)
    keep(actor, model="a", prompt_tokens=5, cost=Decimal("0.5"), latency_ms=300)
    keep(actor, model="a", outcome="failed")
    keep(actor, model="b", outcome="hung_up", completion_tokens=4)
    a, b = summary(actor, by="model", since=NOON - timedelta(days=1))
    assert (a.group, a.requests, a.failed, a.hung_up) == ("a", 3, 1, 0)
    assert (a.prompt_tokens, a.cost, a.priced) == (15, Decimal("0.75"), 2)
    assert a.latency_ms == pytest.approx(400 / 3)
    assert (b.group, b.hung_up, b.completion_tokens, b.cost) == ("b", 1, 4, Decimal(0))


def test_summary_by_day_counts_from_since_until_before_until(actor: Actor):
    for hours in (-1, 0, 11, 12, 36):
        keep(actor, at=NOON + timedelta(hours=hours))
    days = summary(actor, by="day", since=NOON, until=NOON + timedelta(hours=36))
    assert [(s.group, s.requests) for s in days] == [(date(2026, 3, 1), 2), (date(2026, 3, 2), 1)]


def test_summary_by_key_and_purpose(actor: Actor):
    key = uuid.uuid4()
    keep(actor, api_key_id=key, purpose="embedding")
    keep(actor, purpose="insight")
    since = NOON - timedelta(days=1)
    assert {s.group for s in summary(actor, by="key", since=since)} == {key, None}
    purposes = [s.group for s in summary(actor, by="purpose", since=since)]
    assert purposes == ["embedding", "insight"]


def test_summary_sees_one_organisation(actor: Actor):
    keep(system(Organisation.objects.create(slug="other", name="Other").pk))
    assert summary(actor, by="model", since=NOON - timedelta(days=1)) == []


def test_summary_is_one_query(actor: Actor, django_assert_num_queries):
    keep(actor)
    with django_assert_num_queries(1):
        summary(actor, by="day", since=NOON)
