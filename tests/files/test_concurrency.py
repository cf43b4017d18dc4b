"""Several at once: the quota holds, counters are right, nothing is stored twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum

from files import queries, quota, services
from files.models import Blob, StoredObject
from files.spool import spooled_bytes
from organisations.actor import Actor, system
from organisations.services import create_organisation
from vocabulary.errors import Conflict, DomainError, TooLarge

AT_ONCE = 8


def _all_at_once(act) -> list[Exception | None]:
    def attempt(number: int) -> Exception | None:
        try:
            act(number)
        except DomainError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(attempt, range(AT_ONCE)))


@pytest.fixture
def busy(transactional_db: None) -> Actor:
    return system(create_organisation("busy").pk)


def test_the_quota_holds_when_all_put_at_once(busy: Actor, settings):
    settings.STORAGE_QUOTA_BYTES = 30
    outcomes = _all_at_once(
        lambda n: services.put_bytes(busy, f"bucket-{n % 3}", str(n), b"x" * 10)
    )
    assert outcomes.count(None) == 3
    assert {type(error) for error in outcomes if error} == {TooLarge}
    assert quota.find_used(busy.organisation_id) == 30
    assert StoredObject.unscoped.count() == Blob.unscoped.count() == 3


def test_one_path_that_all_write_is_one_object_with_true_counters(busy: Actor):
    assert _all_at_once(lambda n: services.put_bytes(busy, "papers", "a", b"x" * n)) == [None] * 8
    bucket = queries.get_bucket(busy, "papers")
    stored = StoredObject.unscoped.filter(bucket=bucket)
    assert (bucket.object_count, bucket.version, stored.count()) == (1, AT_ONCE, 1)
    assert bucket.size == stored.aggregate(all=Sum("blob__size"))["all"]


def test_a_bucket_that_all_make_is_made_once(busy: Actor):
    outcomes = _all_at_once(lambda n: services.create_bucket(busy, "papers"))
    assert outcomes.count(None) == 1
    assert {type(error) for error in outcomes if error} == {Conflict}


def test_only_one_writes_what_nobody_has_written(busy: Actor):
    def only_new(there: StoredObject | None) -> None:
        if there:
            raise Conflict

    def put(number: int) -> None:
        with spooled_bytes(b"x") as spooled:
            services.put_object(busy, "papers", "a", spooled, check=only_new)

    assert _all_at_once(put).count(None) == 1
