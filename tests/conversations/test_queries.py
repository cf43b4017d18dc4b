"""What is read of conversations, in how many queries."""

import pytest
from django.db import connection

from common.paging import PageNumber
from conversations import queries, services
from organisations.actor import Actor
from vocabulary.chat import Message as Said
from vocabulary.chat import Role, Text
from vocabulary.errors import InvalidRequest

pytestmark = pytest.mark.django_db
ROLES: tuple[Role, ...] = ("system", "user", "assistant", "tool", "developer", "user")


def talk(actor: Actor):
    """A conversation of six messages, `0` to `5`."""
    made = services.create_conversation(actor)
    for number, role in enumerate(ROLES):
        said = Said(role=role, parts=(Text(text=str(number)),))
        services.add_message(actor, made.pk, message=said)
    return made.pk


def test_messages_are_listed_oldest_first_without_instructions(actor, django_assert_num_queries):
    place = talk(actor)
    with django_assert_num_queries(3):
        page = queries.list_messages(actor, place, PageNumber())
    assert [row.text for row in page.items] == ["1", "2", "3", "5"]
    assert (page.total, page.pages) == (4, 1)


def test_messages_are_paged(actor):
    place = talk(actor)
    pages = [queries.list_messages(actor, place, PageNumber(number=n, size=3)) for n in (1, 2, 3)]
    assert [[row.text for row in page.items] for page in pages] == [["1", "2", "3"], ["5"], []]
    assert {page.pages for page in pages} == {2}


def test_messages_of_one_role_are_listed_alone(actor):
    page = queries.list_messages(actor, talk(actor), PageNumber(), roles=("system",))
    assert [row.text for row in page.items] == ["0"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there a query is timed")
def test_a_filter_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(queries, "PATIENCE_MS", 20)
    with pytest.raises(InvalidRequest, match="too long"), queries._patience():
        connection.cursor().execute("SELECT pg_sleep(5)")
