"""Rows go in as they are given, JSON too, and one that the database refuses fails them all."""

import pytest
from django.db import IntegrityError, transaction

from common import clock, ids
from common.bulk import BulkInsert, BulkSave
from organisations.models import ApiKey, Organisation

pytestmark = pytest.mark.django_db

NAMES = ("id", "created_at", "organisation_id", "name", "prefix", "digest", "secret", "scopes")


def row(organisation: Organisation, prefix: str, scopes: list[str]) -> tuple[object, ...]:
    return (ids.new_uuid(), clock.now(), organisation.pk, "a\tb", prefix, prefix, "", scopes)


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme")


def test_rows_are_inserted_with_their_json(organisation: Organisation):
    rows = [row(organisation, "p1", ["read", 'a"b']), row(organisation, "p2", [])]
    BulkInsert(ApiKey, NAMES).insert(rows)
    kept = ApiKey.objects.for_organisation(organisation).order_by("prefix")
    assert [(k.id, k.name, k.scopes) for k in kept] == [(r[0], r[3], r[7]) for r in rows]


def test_one_bad_row_fails_them_all(organisation: Organisation):
    rows = [row(organisation, "p1", []), row(organisation, "p1", [])]
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkInsert(ApiKey, NAMES).insert(rows)
    assert not ApiKey.objects.for_organisation(organisation).exists()


def test_rows_that_are_there_are_changed_and_stamped_and_others_inserted(
    organisation: Organisation,
):
    names = [name for name in NAMES if name != "created_at"]
    save = BulkSave(ApiKey, names, changed=["name", "scopes"], stamped="created_at").save
    old, new = (row(organisation, prefix, ["read"]) for prefix in ("p1", "p2"))
    BulkInsert(ApiKey, NAMES).insert([old])
    save([(old[0], organisation.pk, "b", "other", "p1", "", ["write"]), (new[0], *new[2:])])
    kept = ApiKey.objects.for_organisation(organisation).order_by("prefix")
    assert [(k.prefix, k.name, k.scopes) for k in kept] == [
        ("p1", "b", ["write"]),
        ("p2", "a\tb", ["read"]),
    ]
    assert all(k.created_at != old[1] for k in kept)


def test_saving_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        BulkSave(ApiKey, ["id"], changed=[], stamped="created_at").save([])
