"""The catch-up feed: in order, without gaps, even while many publish."""

import threading

import pytest
from django.db import connection, transaction

from organisations.actor import Actor
from tests.webhooks.receiving import announcement
from webhooks import queries
from webhooks.services import publish


@pytest.mark.django_db
def test_the_feed_goes_on_after_the_last_number_seen(actor, django_assert_num_queries):
    publish(*(announcement(actor, payload={"number": i}) for i in range(5)))
    with django_assert_num_queries(1):
        first = queries.find_events(actor, limit=3)
    rest = queries.find_events(actor, after=first[-1].seq, limit=3)
    assert [event.seq for event in [*first, *rest]] == [1, 2, 3, 4, 5]
    assert [event.payload["number"] for event in rest] == [3, 4]


@pytest.mark.django_db
def test_a_page_of_the_feed_is_bounded(actor, monkeypatch):
    monkeypatch.setattr(queries, "MOST_EVENTS", 2)
    publish(*(announcement(actor) for _ in range(3)))
    assert len(queries.find_events(actor, limit=10_000)) == 2


@pytest.mark.django_db
def test_nobody_reads_another_organisations_feed(new_actor):
    one, other = new_actor(), new_actor()
    publish(announcement(one))
    assert queries.find_events(other) == []


@pytest.mark.django_db(transaction=True)
def test_a_reader_beside_many_publishers_misses_nothing(new_actor):
    """Publishers of two organisations at once, some rolled back, in opposite orders."""
    actors = [new_actor(), new_actor()]
    errors: list[Exception] = []
    done = threading.Event()

    def work(number: int) -> None:
        try:
            for i in range(10):
                pair = actors if (number + i) % 2 else actors[::-1]
                _publish_or_not(pair, fails=i % 5 == 4)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    seen: dict[Actor, list[int]] = {actor: [] for actor in actors}

    def catch_up() -> None:
        for actor, numbers in seen.items():
            after = numbers[-1] if numbers else 0
            numbers += [event.seq for event in queries.find_events(actor, after=after)]

    def read() -> None:
        while not done.is_set():
            catch_up()
        connection.close()

    publishers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    reader = threading.Thread(target=read)
    for thread in (reader, *publishers):
        thread.start()
    for thread in publishers:
        thread.join()
    done.set()
    reader.join()
    catch_up()
    assert errors == []
    assert [seen[actor] for actor in actors] == [list(range(1, 49))] * 2


def _publish_or_not(pair, *, fails: bool) -> None:
    try:
        with transaction.atomic():
            publish(*(announcement(actor) for actor in pair))
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
