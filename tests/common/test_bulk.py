"""Rows go in as they are given, JSON too, and one that the database refuses fails them all."""

import pytest
from django.db import IntegrityError, transaction

from common import clock, ids
from common.bulk import BulkInsert
from organisations.models import ApiKey, Organisation

pytestmark = pytest.mark.django_db

NAMES = ("id", "created_at", "organisation_id", "name", "prefix", "digest", "scopes")


def row(organisation: Organisation, prefix: str, scopes: list[str]) -> tuple[object, ...]:
    return (ids.new_uuid(), clock.now(), organisation.pk, "a\tb", prefix, prefix, scopes)


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme")


def test_rows_are_inserted_with_their_json(organisation: Organisation):
    rows = [row(organisation, "p1", ["read", 'a"b']), row(organisation, "p2", [])]
    BulkInsert(ApiKey, NAMES).insert(rows)
    kept = ApiKey.objects.for_organisation(organisation).order_by("prefix")
    assert [(k.id, k.name, k.scopes) for k in kept] == [(r[0], r[3], r[6]) for r in rows]


def test_one_bad_row_fails_them_all(organisation: Organisation):
    rows = [row(organisation, "p1", []), row(organisation, "p1", [])]
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkInsert(ApiKey, NAMES).insert(rows)
    assert not ApiKey.objects.for_organisation(organisation).exists()
