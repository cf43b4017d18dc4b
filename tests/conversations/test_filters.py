"""The filter language: what it finds, what it refuses, and that nothing of it becomes SQL."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.filters.listing import parse_listing
from conversations.filters.ordering import compile_orders
from conversations.models import Conversation
from conversations.queries import find_conversations
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest

DAY = datetime(2025, 4, 1, tzinfo=UTC)
ROWS = {
    "ann": {"to": "+13128675309", "plan": "gold", "0": "zero", "a.b": "dotted"},
    "Bob": {"to": "+44", "plan": "silver", 'q"k': "quoted", "café": "é"},
    "carol, d": {"plan": "gold, old (1.0)", "flag": "true"},
    "50%_x": {},
}


@pytest.fixture
def rows(organisation):
    for days, (name, metadata) in enumerate(ROWS.items()):
        at = DAY + timedelta(days=days)
        Conversation.objects.create(
            organisation=organisation,
            name=name,
            metadata=metadata,
            created_at=at,
            last_message_at=DAY + timedelta(days=10 - days),
        )


def names(actor: Actor, **parameters: str | list[str]) -> list[str]:
    given = {key: [value] if isinstance(value, str) else value for key, value in parameters.items()}
    return [row.name for row in find_conversations(actor, {"order": ["created_at"], **given})]


FOUND = [
    ({"name": "eq.ann"}, "ann"),
    ({"name": "neq.ann"}, "Bob|carol, d|50%_x"),
    ({"name": "not.eq.ann"}, "Bob|carol, d|50%_x"),
    ({"name": "not.neq.ann"}, "ann"),
    ({"name": "like.*o*"}, "Bob|carol, d"),
    ({"name": "like.%O%"}, ""),
    ({"name": "ilike.b%"}, "Bob"),
    ({"name": "like.b%"}, ""),
    ({"name": "like._ob"}, "Bob"),
    ({"name": r"like.50\%\_x"}, "50%_x"),
    ({"name": "like.ann\\"}, ""),
    ({"name": "not.like.%o%"}, "ann|50%_x"),
    ({"name": "like.[a]nn"}, ""),
    ({"name": "in.(ann,Bob)"}, "ann|Bob"),
    ({"name": 'in.("carol, d",nobody)'}, "carol, d"),
    ({"name": "not.in.(ann,Bob)"}, "carol, d|50%_x"),
    ({"name": "in.()"}, ""),
    ({"name": "is.null"}, ""),
    ({"name": "not.is.null"}, "ann|Bob|carol, d|50%_x"),
    ({"created_at": "gte.2025-04-03"}, "carol, d|50%_x"),
    ({"created_at": "lt.2025-04-02T00:00:00Z"}, "ann"),
    ({"created_at": "eq.2025-04-02T02:00:00+02:00"}, "Bob"),
    ({"created_at": "eq.2025-04-02T02:00:00 02:00"}, "Bob"),
    ({"created_at": ["gte.2025-04-02", "lt.2025-04-03"]}, "Bob"),
    ({"created_at": "not.gte.2025-04-02"}, "ann"),
    ({"last_message_at": "lte.2025-04-08T00:00:00+00:00"}, "50%_x"),
    ({"metadata->plan": "eq.gold"}, "ann"),
    ({"metadata->>plan": "eq.gold"}, "ann"),
    ({"metadata->plan": "eq.gold, old (1.0)"}, "carol, d"),
    ({"metadata->plan": "neq.gold"}, "Bob|carol, d"),
    ({"metadata->plan": "not.eq.gold"}, "Bob|carol, d"),
    ({"metadata->plan": "in.(gold,silver)"}, "ann|Bob"),
    ({"metadata->plan": "in.()"}, ""),
    ({"metadata->plan": "not.in.(gold)"}, "Bob|carol, d"),
    ({"metadata->plan": "like.gold*"}, "ann|carol, d"),
    ({"metadata->plan": "gt.gold"}, "Bob|carol, d"),
    ({"metadata->plan": "is.null"}, "50%_x"),
    ({"metadata->plan": "is.not_null"}, "ann|Bob|carol, d"),
    ({"metadata->flag": "is.true"}, "carol, d"),
    ({"metadata->flag": "not.is.true"}, ""),
    ({"metadata->to": "eq.+13128675309"}, "ann"),
    ({"metadata->to": "eq. 13128675309"}, "ann"),
    ({"metadata->0": "eq.zero"}, "ann"),
    ({"metadata->0": "neq.x"}, "ann"),
    ({"metadata->a.b": "eq.dotted"}, "ann"),
    ({'metadata->"q\\"k"': "like.quot%"}, "Bob"),
    ({"metadata->café": "like.é"}, "Bob"),
    ({"metadata->plan->inner": "is.not_null"}, ""),
    ({"metadata->plan->>inner": "eq.x"}, ""),
    ({"metadata->plan": "eq.gold", "name": "eq.Bob"}, ""),
    ({"or": "(name.eq.ann,name.eq.Bob)"}, "ann|Bob"),
    ({"not.or": "(name.eq.ann,name.eq.Bob)"}, "carol, d|50%_x"),
    ({"and": "(created_at.gte.2025-04-02,created_at.lt.2025-04-03)"}, "Bob"),
    ({"or": '(name.eq."carol, d",and(name.eq.ann,metadata->plan.eq.gold))'}, "ann|carol, d"),
    ({"or": "(name.in.(ann,Bob),metadata->flag.eq.true)"}, "ann|Bob|carol, d"),
    ({"or": "(metadata->plan.not.eq.gold,name.eq.ann)"}, "ann|Bob|carol, d"),
    ({"not.and": "(metadata->plan.eq.gold,name.eq.ann)"}, "Bob|carol, d|50%_x"),
    ({"not.or": "(metadata->plan.eq.gold,name.eq.zed)"}, "Bob|carol, d"),
    ({"or": '(metadata->"a.b".eq.dotted,not.or(name.neq.Bob))'}, "ann|Bob"),
    ({"or": r'(name.eq."a\"b",name.eq.Bob)'}, "Bob"),
    ({"name": ""}, "ann|Bob|carol, d|50%_x"),
]


@pytest.mark.parametrize(("parameters", "expected"), FOUND)
def test_a_filter_finds(actor, rows, parameters, expected):
    assert names(actor, **parameters) == ([*expected.split("|")] if expected else [])


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"order": "name.desc"}, "carol, d|ann|Bob|50%_x"),
        ({"order": ""}, "50%_x|carol, d|Bob|ann"),
        ({"order": "last_message_at.asc"}, "50%_x|carol, d|Bob|ann"),
        ({"order": "metadata->plan"}, "ann|carol, d|Bob|50%_x"),
        ({"order": "metadata->plan.desc"}, "50%_x|Bob|carol, d|ann"),
        ({"order": "metadata->plan.desc.nullslast"}, "Bob|carol, d|ann|50%_x"),
        ({"order": "metadata->>plan.nullsfirst,name.asc"}, "50%_x|ann|carol, d|Bob"),
        ({"limit": "2"}, "ann|Bob"),
        ({"limit": "2", "offset": "1"}, "Bob|carol, d"),
        ({"page[size]": "3", "page[number]": "2"}, "50%_x"),
    ],
)
def test_a_list_is_ordered_and_paged(actor, rows, parameters, expected):
    found = names(actor, **parameters)
    if connection.vendor == "sqlite" or "name" not in parameters.get("order", ""):
        assert found == expected.split("|")
    assert sorted(found) == sorted(expected.split("|"))


@pytest.mark.parametrize("order", ["created_at.desc", "created_at", "last_message_at", "name"])
def test_after_goes_on_where_the_last_page_ended(actor, rows, order):
    whole = [row.pk for row in find_conversations(actor, {"order": [order]})]
    pages: list[uuid.UUID] = []
    after: list[str] = []
    while page := find_conversations(actor, {"order": [order], "limit": ["1"], "after": after}):
        pages += [row.pk for row in page]
        after = [str(page[-1].pk)]
    assert pages == whole


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"colour": "eq.red"}, "colour"),
        ({"organisation_id": "eq.1"}, "organisation_id"),
        ({"organisation__slug": "eq.other"}, "organisation__slug"),
        ({"metadata__plan": "eq.gold"}, "metadata__plan"),
        ({"tail": "is.null"}, "tail"),
        ({"metadata": "eq.x"}, "metadata"),
        ({"metadata->": "eq.x"}, "metadata->"),
        ({"name->x": "eq.x"}, "name->x"),
        ({"metadata->a->b->c->d->e->f": "eq.x"}, "metadata->a->b->c->d->e->f"),
        ({"name": "ann"}, "name"),
        ({"name": "regex.a"}, "name"),
        ({"name": "match.(a+)+b"}, "name"),
        ({"name": "not.not.eq.a"}, "name"),
        ({"name": "is.true"}, "name"),
        ({"name": "in.(a"}, "name"),
        ({"name": "in.(a)b"}, "name"),
        ({"name": "in." + "(" + "a," * 200 + "a)"}, "name"),
        ({"name": "eq.a\x00b"}, "name"),
        ({"name": "eq.\ud800"}, "name"),
        ({"name\x00": "eq.a"}, "name\x00"),
        ({"name": "eq." + "x" * 5000}, "name"),
        ({"id": "eq.1"}, "id"),
        ({"id": "like.1*"}, "id"),
        ({"id": "in.(1)"}, "id"),
        ({"created_at": "gte.yesterday"}, "created_at"),
        ({"created_at": "gte.0001-01-01T00:00:00+14:00"}, "created_at"),
        ({"created_at": "like.2025%"}, "created_at"),
        ({"or": "name.eq.a"}, "or"),
        ({"or": "()"}, "or"),
        ({"or": "(name.eq.a"}, "or"),
        ({"or": "(name.eq.a))"}, "or"),
        ({"or": '(name.eq."a)'}, "or"),
        ({"or": '(name.eq."a"b)'}, "or"),
        ({"or": "(" + "or(" * 9 + "name.eq.a" + ")" * 10}, "or"),
        ({"or": "(" + ",".join(["name.eq.a"] * 11) + ")"}, "or"),
        ({"name": ["eq.a"] * 11}, "name"),
        ({"order": "colour"}, "order"),
        ({"order": "name.sideways"}, "order"),
        ({"order": "name,"}, "order"),
        ({"order": ",".join(["name"] * 5)}, "order"),
        ({"order": "organisation__slug"}, "order"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"offset": "1e9"}, "offset"),
        ({"offset": "100001"}, "offset"),
        ({"page[number]": "999999999"}, "page[number]"),
        ({"after": "1"}, "after"),
        ({"after": str(uuid.uuid4())}, "after"),
        ({"after": str(uuid.uuid4()), "order": "metadata->a"}, "after"),
        ({"after": str(uuid.uuid4()), "order": "name,id"}, "after"),
    ],
)
def test_a_fault_is_refused_and_names_its_parameter(actor, parameters, path):
    with pytest.raises(InvalidRequest) as refused:
        names(actor, **parameters)
    assert refused.value.path == path


def test_more_than_the_most_is_the_most():
    assert parse_listing({"limit": ["999999"]}).limit == 1_000


def test_nobody_finds_what_is_another_organisations(stranger, rows):
    assert find_conversations(stranger, {"or": ["(name.eq.ann,id.not.is.null)"]}) == []


def test_after_a_strangers_conversation_is_after_nothing_known(stranger, rows):
    theirs = Conversation.unscoped.all()[0]
    with pytest.raises(InvalidRequest):
        find_conversations(stranger, {"after": [str(theirs.pk)]})


column = st.sampled_from(["id", "name", "created_at", "last_message_at", "metadata->k", "metadata"])
operator = st.sampled_from(
    ["eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "in", "is", "not.eq", "not.in", "is"]
)
signs = st.sampled_from(list("ab*%_\\\"'(),.:->;0 \x00é\ud800"))
noise = st.text(signs, max_size=20) | st.text(max_size=20)
value = st.one_of(noise, st.just("2025-01-01"), st.uuids().map(str), st.just("null"))
term = st.builds("{}.{}".format, operator, value)
group = st.recursive(
    st.builds("{}.{}".format, column, term),
    lambda inner: st.builds("{}({})".format, st.sampled_from(["or", "and", "not.or"]),
                            st.lists(inner, min_size=1, max_size=4).map(",".join)),
    max_leaves=8,
)  # fmt: skip
wrapped = st.lists(group, min_size=1, max_size=4).map(lambda items: f"({','.join(items)})")
parameters = st.one_of(
    st.dictionaries(column | noise, st.lists(term | noise, max_size=2), max_size=3),
    st.fixed_dictionaries({"or": st.lists(wrapped | noise, max_size=2)}),
    st.fixed_dictionaries(
        {"order": st.lists(noise | column, max_size=1), "name": st.just(["eq.a"])}
    ),
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parameters)
def test_whatever_is_sent_is_a_list_or_a_refusal(actor, given):
    try:
        find_conversations(actor, given)
    except InvalidRequest as refused:
        assert refused.path in given


HOSTILE = "x'\"); DROP TABLE conversations_conversation; --"


@pytest.mark.parametrize(
    "given",
    [
        {"name": f"eq.{HOSTILE}"},
        {"name": f"like.{HOSTILE}"},
        {"name": f"in.({HOSTILE.replace(')', '')})"},
        {"metadata->" + HOSTILE.replace('"', ""): "eq.1"},
        {"metadata->" + HOSTILE.replace('"', ""): "gt.1"},
        {"metadata->k": f"eq.{HOSTILE}"},
        {"metadata->k": f"ilike.{HOSTILE}"},
        {"order": "metadata->" + HOSTILE.replace('"', "").replace(".", "")},
    ],
)
def test_what_a_caller_writes_is_a_parameter_and_never_sql(actor, given):
    listing = parse_listing({name: [text] for name, text in given.items()})

    found = Conversation.objects.for_organisation(actor.organisation_id).filter(listing.where)
    sql, values = found.order_by(*compile_orders(listing.orders)).query.sql_with_params()
    assert "DROP" not in sql
    assert re.search("DROP", str(values))


def test_a_list_is_one_query(actor, rows):
    with CaptureQueriesContext(connection) as captured:
        found = find_conversations(actor, {"metadata->plan": ["eq.gold"]})
        assert [row.metadata["plan"] for row in found] == ["gold"]
    assert sum(query["sql"].startswith("SELECT") for query in captured) == 1
