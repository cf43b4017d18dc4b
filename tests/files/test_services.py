"""What is put is there, counted, and another organisation's business is not told."""

from datetime import timedelta
from pathlib import Path

import pytest

from common import clock
from files import contents, queries, services
from files.models import Blob, Bucket, StoredObject
from files.spool import spooled_bytes
from organisations.actor import Actor
from organisations.models import Organisation
from vocabulary.errors import Conflict, InvalidRequest, NotFound, TooLarge


def _bucket(actor: Actor, name: str = "papers") -> Bucket:
    return queries.get_bucket(actor, name)


def test_what_was_put_is_read_again_with_its_digests(actor: Actor):
    stored = services.put_bytes(actor, "papers", "a/b.txt", b"hello", metadata={"by": "Ann"})
    found = queries.get_object(actor, "papers", "a/b.txt")
    assert found == stored
    assert contents.read_bytes(found.blob, most=5) == b"hello"
    assert found.etag == found.blob.md5 == "5d41402abc4b2a76b9719d911017c592"
    assert found.blob.sha256.startswith("2cf24dba5fb0a30e26e8")
    assert (found.content_type, found.metadata) == ("text/plain", {"by": "Ann"})


def test_a_bucket_counts_its_objects_and_each_change_of_one(actor: Actor):
    services.put_bytes(actor, "papers", "a", b"1")
    services.put_bytes(actor, "papers", "b", b"22")
    services.put_bytes(actor, "papers", "a", b"333")
    bucket = _bucket(actor)
    assert (bucket.object_count, bucket.size, bucket.version) == (2, 5, 3)
    services.delete_object(actor, "papers", "a")
    bucket = _bucket(actor)
    assert (bucket.object_count, bucket.size, bucket.version) == (1, 2, 4)


def test_an_object_that_is_replaced_stays_the_same_row_with_other_bytes(actor: Actor):
    first = services.put_bytes(actor, "papers", "a", b"1")
    second = services.put_bytes(actor, "papers", "a", b"2", content_type="text/html")
    assert (first.pk, first.created_at) == (second.pk, second.created_at)
    assert second.updated_at > first.updated_at
    assert first.blob_id != second.blob_id
    assert contents.read_bytes(first.blob, most=1) == b"1", "its readers still have a while"


def test_the_local_storage_takes_the_file_itself(actor: Actor, place: Path):
    with spooled_bytes(b"x" * 100) as spooled:
        inode = spooled.path.stat().st_ino
        stored = services.put_object(actor, "papers", "a", spooled)
    kept = place / stored.blob.storage_name
    assert kept.stat().st_ino == inode
    with contents.local_file(stored.blob) as path:
        assert path == kept
    assert list((place.parent / "tmp").iterdir()) == []


def test_a_copy_shares_the_bytes_and_counts(actor: Actor):
    source = services.put_bytes(actor, "papers", "a", b"12", metadata={"by": "Ann"})
    copy = services.copy_object(actor, "papers", "a", "others", "b.html")
    assert (copy.blob_id, copy.etag, copy.metadata) == (source.blob_id, source.etag, {"by": "Ann"})
    assert _bucket(actor, "others").size == 2
    services.delete_object(actor, "papers", "a")
    assert contents.read_bytes(queries.get_object(actor, "others", "b.html").blob, most=2) == b"12"
    with pytest.raises(NotFound):
        services.copy_object(actor, "papers", "a", "others", "c")


def test_a_bucket_is_made_once_and_deleted_only_when_it_is_empty(actor: Actor):
    services.create_bucket(actor, "papers")
    with pytest.raises(Conflict):
        services.create_bucket(actor, "papers")
    assert services.ensure_bucket(actor, "papers") == _bucket(actor)
    services.put_bytes(actor, "papers", "a", b"1")
    with pytest.raises(Conflict):
        services.delete_bucket(actor, "papers")
    services.delete_object(actor, "papers", "a")
    services.delete_bucket(actor, "papers")
    with pytest.raises(NotFound):
        services.delete_bucket(actor, "papers")


def test_many_are_deleted_with_as_many_queries_as_two(actor: Actor, django_assert_max_num_queries):
    paths = [f"{number:03}" for number in range(40)]
    for path in paths:
        services.put_bytes(actor, "papers", path, b"1")
    with django_assert_max_num_queries(9):
        assert services.delete_objects(actor, "papers", [*paths, "nothing"]) == set(paths)
    assert _bucket(actor).size == 0
    with pytest.raises(NotFound, match="nothing"):
        services.delete_object(actor, "papers", "nothing")


def test_another_organisation_s_bucket_is_no_bucket(actor: Actor, stranger: Actor):
    services.put_bytes(stranger, "papers", "a", b"1")
    for read in (
        lambda: queries.get_bucket(actor, "papers"),
        lambda: queries.get_object(actor, "papers", "a"),
        lambda: queries.find_objects(actor, "papers"),
        lambda: services.delete_object(actor, "papers", "a"),
        lambda: services.delete_bucket(actor, "papers"),
        lambda: services.copy_object(actor, "papers", "a", "mine", "a"),
    ):
        with pytest.raises(NotFound):
            read()
    services.put_bytes(actor, "papers", "a", b"mine")
    assert queries.get_object(stranger, "papers", "a").blob.size == 1
    assert queries.find_buckets(stranger) != queries.find_buckets(actor)


def test_the_quota_is_the_organisation_s_own_or_the_server_s(actor: Actor, settings, place: Path):
    settings.STORAGE_QUOTA_BYTES = 10
    services.put_bytes(actor, "papers", "a", b"x" * 6)
    with pytest.raises(TooLarge, match="10 bytes"):
        services.put_bytes(actor, "papers", "b", b"x" * 5)
    with pytest.raises(TooLarge):
        services.copy_object(actor, "papers", "a", "papers", "b")
    services.put_bytes(actor, "papers", "a", b"x" * 10)
    services.put_bytes(actor, "papers", "a", b"x" * 7)
    Organisation.objects.update(storage_quota_bytes=8)
    with pytest.raises(TooLarge, match="8 bytes"):
        services.put_bytes(actor, "papers", "b", b"xx")
    kept = [file for file in place.rglob("*") if file.is_file()]
    assert len(kept) == Blob.unscoped.count() == 3, "what was refused left nothing"


def test_a_caller_who_knows_what_is_there_can_say_so(actor: Actor):
    def only_new(there: StoredObject | None) -> None:
        if there:
            raise Conflict

    with spooled_bytes(b"1") as spooled:
        services.put_object(actor, "papers", "a", spooled, check=only_new)
    with spooled_bytes(b"2") as spooled, pytest.raises(Conflict):
        services.put_object(actor, "papers", "a", spooled, check=only_new)
    assert Blob.unscoped.count() == 1


def test_what_has_expired_is_not_there(actor: Actor):
    past = clock.now() - timedelta(seconds=1)
    services.put_bytes(actor, "papers", "a", b"1", expires_at=past)
    assert queries.find_objects(actor, "papers") == []
    with pytest.raises(NotFound):
        queries.get_object(actor, "papers", "a")
    services.put_bytes(actor, "papers", "a", b"22")
    assert (_bucket(actor).object_count, _bucket(actor).size) == (1, 2)


@pytest.mark.parametrize(
    "metadata", [{"By": "x"}, {"by": "a\nb"}, {"by": "x" * 2048}, {"": "x"}, {"by": 3}]
)
def test_bad_metadata_is_refused(actor: Actor, metadata):
    with pytest.raises(InvalidRequest) as refused:
        services.put_bytes(actor, "papers", "a", b"1", metadata=metadata)
    assert refused.value.path.startswith("metadata")
    assert Blob.unscoped.count() == 0
