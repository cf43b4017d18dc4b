"""Counts over results: by field, by metadata, by day, and of one organisation only."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from conversations.models import Conversation
from insights.aggregates import Filter, find_aggregates
from insights.models import Result, Status
from vocabulary.errors import InvalidRequest

INSIGHT = uuid.UUID(int=7)
MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def add(organisation):
    """Adds a completed result about a conversation of its own, some days after Monday."""

    def make(value, *, days=0, conversation=None, generation=1, metadata=None, **more) -> Result:
        conversation = conversation or Conversation.objects.create(
            organisation=more.get("organisation", organisation), metadata=metadata or {}
        )
        values = {
            "organisation": organisation,
            "conversation": conversation,
            "template_ref": INSIGHT,
            "version_number": 1,
            "generation": generation,
            "transcript_length": 0,
            "status": Status.COMPLETED,
            "value": value,
            "created_at": MONDAY + timedelta(days=days),
        }
        return Result.objects.create(**values | more)

    return make


def test_results_are_counted_by_a_field_most_frequent_first(actor, add):
    for resolved in (True, False, True, None):
        add({"resolved": resolved})
    add({})
    add("text")
    assert find_aggregates(actor, group_by=["/resolved"]) == [
        {"/resolved": None, "record_count": 3},
        {"/resolved": True, "record_count": 2},
        {"/resolved": False, "record_count": 1},
    ]


@pytest.mark.parametrize("value", [True, 1, 1.5, "1", "true", "a b", 'say "hi"', "ü", [1, "a"]])
def test_a_value_comes_back_as_what_it_is(actor, add, value):
    add({"a": {"b/c": value}})
    [row] = find_aggregates(actor, group_by=["/a/b~1c"])
    assert row == {"/a/b~1c": value, "record_count": 1}
    assert type(row["/a/b~1c"]) is type(value)


@pytest.mark.parametrize("key", ["a.b", "a__b", "a'b", "a b", "0", "%s", "$", "id); --"])
def test_any_key_is_data_and_not_sql(actor, add, key):
    add({}, metadata={key: "x", "other": "y"})
    name = f"metadata.{key}"
    assert find_aggregates(actor, group_by=[name]) == [{name: "x", "record_count": 1}]
    only = Filter(metadata={key: "x"})
    assert find_aggregates(actor, group_by=[], only=only) == [{"record_count": 1}]
    only = Filter(metadata={key: "y"})
    assert find_aggregates(actor, group_by=["insight_id"], only=only) == []


def test_a_period_gives_a_time_series_in_order(actor, add):
    for days in (8, 0, 0, 1):
        add({"resolved": True}, days=days)
    assert find_aggregates(actor, group_by=["day"]) == [
        {"day": "2026-06-01T00:00:00.000Z", "record_count": 2},
        {"day": "2026-06-02T00:00:00.000Z", "record_count": 1},
        {"day": "2026-06-09T00:00:00.000Z", "record_count": 1},
    ]
    weeks = find_aggregates(actor, group_by=["week", "value.resolved"])
    assert [row["record_count"] for row in weeks] == [3, 1]


def test_shown_are_rates_sums_and_further_columns(actor, add):
    add("a", model="m/1", cost=Decimal("0.5"), prompt_tokens=3, latency_ms=100)
    add("a", model="m/1", cost=Decimal("0.25"), prompt_tokens=4, latency_ms=200)
    add("a", model="m/2")
    shown = ["insight_id", "rate", "cost", "prompt_tokens", "latency_ms", "record_count"]
    first, second = find_aggregates(actor, group_by=["model"], show=shown)
    assert first == {
        "model": "m/1",
        "insight_id": str(INSIGHT),
        "rate": pytest.approx(2 / 3),
        "cost": "0.75",
        "prompt_tokens": 7,
        "latency_ms": 150.0,
        "record_count": 2,
    }
    assert (second["cost"], second["latency_ms"]) == (None, None)


def test_asking_again_does_not_count_twice(actor, add):
    first = add({"resolved": False})
    add({"resolved": True}, conversation=first.conversation, generation=2)
    add(None, conversation=first.conversation, generation=3, status=Status.FAILED)
    assert find_aggregates(actor, group_by=["/resolved"]) == [
        {"/resolved": True, "record_count": 1}
    ]


def test_what_is_not_complete_is_not_counted(actor, add):
    add(None, status=Status.PENDING)
    add(None, status=Status.FAILED)
    assert find_aggregates(actor, group_by=["insight_id"]) == []


def test_another_organisations_results_are_not_counted(actor, stranger, add):
    add("a")
    assert find_aggregates(stranger, group_by=["insight_id"]) == []


def test_filters_narrow_by_template_and_time(actor, add):
    for days in (0, 1, 2):
        add("a", days=days)
    add("a", days=1, template_ref=uuid.UUID(int=8))
    only = Filter(
        insight_id=INSIGHT,
        created_at=[("gte", MONDAY + timedelta(days=1)), ("lt", MONDAY + timedelta(days=2))],
    )
    assert find_aggregates(actor, group_by=[], only=only) == [{"record_count": 1}]


@pytest.mark.parametrize(
    "words",
    [
        {"group_by": ["password"]},
        {"group_by": ["organisation__slug"]},
        {"group_by": [""]},
        {"group_by": ["metadata."]},
        {"group_by": ['metadata.a"b']},
        {"group_by": ["metadata.a\\b"]},
        {"group_by": ["metadata.a\0b"]},
        {"group_by": ["/" + "a/" * 9]},
        {"group_by": [f"metadata.{n}" for n in range(11)]},
        {"group_by": [], "show": ["secret"]},
        {"group_by": [], "only": Filter(metadata={'"': ""})},
        {"group_by": [], "only": Filter(created_at=[("like", MONDAY)])},
    ],
)
def test_unknown_words_are_refused(actor, words):
    with pytest.raises(InvalidRequest):
        find_aggregates(actor, **words)


def test_an_aggregate_is_one_query(actor, add, django_assert_num_queries):
    add("a")
    with django_assert_num_queries(1):
        find_aggregates(actor, group_by=["day", "model"], show=["cost"])
