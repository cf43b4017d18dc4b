"""Buckets in the admin: made, filled, looked into, emptied; by members of the organisation only."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from files import contents, links, queries
from files.models import Bucket
from organisations.models import Role
from tests.admin.conftest import SignIn
from tests.admin.world import World, list_of, page_of


def _send(client: Client, bucket: Bucket, **form: Any) -> Any:
    return client.post(page_of(bucket), form)


def test_a_bucket_is_made_filled_and_counted(acme: World, owner: Client):
    made = owner.post(
        reverse("admin:files_bucket_add"),
        {"organisation": str(acme.organisation.pk), "name": "manuals"},
    )
    assert made.status_code == 302, made.context["errors"]
    bucket = queries.get_bucket(acme.actor, "manuals")
    for at, path in (("", "lamp.txt"), ("old/lamp.txt", "old/lamp.txt")):
        upload = SimpleUploadedFile("lamp.txt", b"turn it on", "text/plain")
        sent = _send(owner, bucket, upload=upload, at=at)
        assert sent.status_code == 302, sent.context["errors"]
        stored = queries.get_object(acme.actor, "manuals", path)
        assert contents.read_bytes(stored.blob, most=99) == b"turn it on"
    listed = owner.get(list_of(Bucket)).content.decode()
    assert "manuals" in listed and "20\xa0bytes" in listed


def test_what_is_refused_is_said_at_its_field(acme: World, owner: Client):
    form = {"organisation": str(acme.organisation.pk), "name": "Not This"}
    refused = owner.post(reverse("admin:files_bucket_add"), form)
    assert "lower-case letters" in refused.content.decode()
    bucket = acme.row("files.bucket")
    upload = SimpleUploadedFile("a.txt", b"x")
    assert "step" in _send(owner, bucket, upload=upload, at="../a").content.decode()
    kept = owner.post(page_of(bucket).replace("/change/", "/delete/"), {"post": "yes"})
    assert f"objects of {bucket}" in kept.content.decode()
    assert Bucket.unscoped.filter(pk=bucket.pk).exists()


def test_an_object_is_fetched_through_a_link_and_deleted(acme: World, owner: Client):
    row = acme.row("files.storedobject")
    fetched = owner.get(reverse("admin:files_storedobject_download", args=(row.pk,)))
    assert fetched.status_code == 302
    link = links.read(fetched["Location"].removeprefix("/files/"))
    assert (link.blob_id, link.filename) == (row.blob_id, "name-acme.txt")
    owner.post(page_of(row).replace("/change/", "/delete/"), {"post": "yes"})
    assert queries.find_objects(acme.actor, "name-acme-bucket") == []
    assert queries.get_bucket(acme.actor, "name-acme-bucket").object_count == 0


def test_strangers_fetch_nothing_and_viewers_send_nothing(
    acme: World, other: World, sign_in: SignIn
):
    viewer = sign_in(acme=Role.VIEWER)
    foreign = other.row("files.storedobject")
    address = reverse("admin:files_storedobject_download", args=(foreign.pk,))
    assert viewer.get(address).status_code == 404
    upload = SimpleUploadedFile("a.txt", b"x")
    assert _send(viewer, acme.row("files.bucket"), upload=upload).status_code == 403
    assert "Add a file" not in viewer.get(page_of(acme.row("files.bucket"))).content.decode()
