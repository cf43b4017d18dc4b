"""Knowledge in the admin: tasks that are followed, documents, and buckets that are searched."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from files import services as files
from files.admin import BucketPages
from files.models import Bucket
from jobs.testing import drain
from knowledge.models import Document, EmbeddingTask, TaskStatus
from knowledge.services import start_embedding
from organisations.actor import Actor, system
from organisations.models import Role
from organisations.services import create_api_key, create_organisation
from tests.admin.conftest import SignIn
from tests.admin.world import deed_of, list_of, page_of
from usage.models import UsageRecord
from vocabulary.errors import UpstreamUnavailable

pytestmark = pytest.mark.django_db(transaction=True)


def _search_of(bucket: Bucket) -> str:
    return reverse("admin:files_bucket_search", args=[bucket.pk])


@pytest.fixture
def acme(transactional_db) -> Actor:
    return system(create_organisation("acme").pk, "test")


@pytest.fixture
def other(transactional_db) -> Actor:
    return system(create_organisation("other").pk, "test")


@pytest.fixture
def shop(acme: Actor) -> Bucket:
    """Two files, of which one cannot be read."""
    text = b"A lamp <b>shines</b> when you turn its switch. Kettles boil water."
    files.put_bytes(acme, "shop", "lamps<1>.txt", text, content_type="text/plain")
    files.put_bytes(acme, "shop", "broken.pdf", b"%PDF-1.7 nothing")
    return Bucket.unscoped.get(name="shop")


@pytest.fixture
def owner(acme: Actor, sign_in: SignIn) -> Client:
    return sign_in(acme=Role.OWNER)


@pytest.fixture
def embedded(acme: Actor, shop: Bucket) -> Bucket:
    start_embedding(acme, "shop")
    drain()
    shop.refresh_from_db()
    return shop


# -- searches -----------------------------------------------------------------------------------
def test_a_viewer_asks_a_bucket_and_the_words_are_marked(
    embedded: Bucket, sign_in: SignIn, acme: Actor
):
    viewer = sign_in(acme=Role.VIEWER)
    page = viewer.get(_search_of(embedded), {"q": "which lamps are there?"}).content.decode()
    assert "A <mark>lamp</mark> &lt;b&gt;shines&lt;/b&gt; when" in page
    assert "lamps&lt;1&gt;.txt" in page and "<b>shines" not in page
    assert page_of(embedded.stored.get(path="lamps<1>.txt")) in page
    assert 'aria-label="Certainty"' in page
    used = UsageRecord.unscoped.filter(organisation_id=acme.organisation_id, surface="admin").get()
    assert used.purpose == "embedding"


def test_a_question_is_said_again_as_it_was_typed(embedded: Bucket, owner: Client):
    page = owner.get(_search_of(embedded), {"q": '"><script>x</script>'}).content.decode()
    assert "<script>x" not in page
    assert "&quot;&gt;&lt;script&gt;x&lt;/script&gt;" in page


def test_without_a_question_nothing_is_asked(embedded: Bucket, owner: Client):
    for question in ({}, {"q": "  "}):
        page = owner.get(_search_of(embedded), question).content.decode()
        assert "Try a search" in page and "Nothing was found" not in page
    assert not UsageRecord.unscoped.filter(surface="admin").exists()


def test_a_bucket_that_is_not_embedded_says_so(shop: Bucket, owner: Client):
    page = owner.get(_search_of(shop), {"q": "lamps"}).content.decode()
    assert "not embedded yet" in page


def test_what_goes_wrong_is_said_in_words(embedded: Bucket, owner: Client, monkeypatch):
    async def fail(*_: object) -> None:
        raise UpstreamUnavailable("the model does not answer")

    monkeypatch.setattr("knowledge.search.embed", fail)
    answer = owner.get(_search_of(embedded), {"q": "lamps"})
    assert answer.status_code == 200
    assert "The search did not work: the model does not answer" in answer.content.decode()
    long = owner.get(_search_of(embedded), {"q": "x" * 10_001}).content.decode()
    assert "at most 10000 characters" in long


def test_another_organisations_bucket_is_not_searched(
    embedded: Bucket, other: Actor, sign_in: SignIn
):
    stranger = sign_in(other=Role.OWNER)
    assert stranger.get(_search_of(embedded), {"q": "lamps"}).status_code == 404
    assert Client().get(_search_of(embedded), {"q": "lamps"}).status_code == 302
    assert not UsageRecord.unscoped.filter(surface="admin").exists()


# -- buckets ------------------------------------------------------------------------------------
def test_a_bucket_is_embedded_by_a_button(acme: Actor, shop: Bucket, owner: Client):
    page = owner.get(page_of(shop)).content.decode()
    assert "not embedded" in page and deed_of(shop, "embed") in page
    owner.post(deed_of(shop, "embed"))
    [task] = EmbeddingTask.unscoped.filter(bucket=shop)
    page = owner.get(page_of(shop)).content.decode()
    assert "being embedded" in page and "data-pending" in page and page_of(task) in page
    drain()
    page = owner.get(page_of(shop)).content.decode()
    assert "1 of 2 objects searched" in page and _search_of(shop) in page
    assert deed_of(shop, "embed") not in page and "data-pending" not in page


def test_a_bucket_that_is_filled_while_it_is_deleted_stays_with_a_word(
    acme: Actor, owner: Client, monkeypatch
):
    """The page that asks has seen it empty."""
    bucket = files.create_bucket(acme, "late")
    files.put_bytes(acme, "late", "first.txt", b"x")
    monkeypatch.setattr(
        BucketPages, "get_deleted_objects", lambda *_: (["late"], {"bucket": 1}, set(), [])
    )
    answer = owner.post(page_of(bucket).replace("/change/", "/delete/"), {"post": "yes"})
    assert answer.status_code == 302
    assert "is not empty" in owner.get(answer["Location"]).content.decode()
    form = {"action": "delete_selected", "_selected_action": [str(bucket.pk)], "post": "yes"}
    listed = owner.post(list_of(Bucket), form, follow=True).content.decode()
    assert "is not empty" in listed and "Successfully" not in listed
    assert Bucket.unscoped.filter(pk=bucket.pk).exists()


def test_a_file_that_is_sent_by_the_form_can_be_found(acme: Actor, embedded: Bucket, owner: Client):
    upload = SimpleUploadedFile("roof.txt", b"The roof was mended in May.", "text/plain")
    assert owner.post(page_of(embedded), {"upload": upload, "at": ""}).status_code == 302
    start_embedding(acme, "shop")
    drain()
    page = owner.get(_search_of(embedded), {"q": "when was the roof mended?"}).content.decode()
    assert "The <mark>roof</mark> was <mark>mended</mark> in May." in page


# -- tasks --------------------------------------------------------------------------------------
def test_a_task_is_followed_until_it_has_ended(acme: Actor, shop: Bucket, owner: Client):
    task = start_embedding(acme, "shop")
    assert 'id="embedding-task" data-pending' in owner.get(page_of(task)).content.decode()
    EmbeddingTask.unscoped.filter(pk=task.pk).update(
        status=TaskStatus.PROCESSING, total=4, done=1, all_found=True
    )
    page = owner.get(page_of(task)).content.decode()
    assert 'style="width: 25.0%"' in page and "1 of 4 files" in page


def test_an_ended_task_says_what_failed_and_who_asked(acme: Actor, shop: Bucket, owner: Client):
    key, _ = create_api_key(acme, name="the importer")
    task = start_embedding(acme, "shop")
    drain()
    EmbeddingTask.unscoped.filter(pk=task.pk).update(requested_by=key.pk)
    page = owner.get(page_of(task)).content.decode()
    assert "data-pending" not in page
    assert "partial success" in page and "2 of 2 files" in page
    assert page.index("not a readable PDF") < page.index("lamps&lt;1&gt;.txt")
    assert "the importer" in page and str(key.pk) in page
    assert "took" in page


def test_a_key_of_another_organisation_has_no_name_here(acme: Actor, other: Actor, owner: Client):
    key, _ = create_api_key(other, name="foreign key")
    files.create_bucket(acme, "empty")
    task = start_embedding(acme, "empty")
    EmbeddingTask.unscoped.filter(pk=task.pk).update(requested_by=key.pk)
    assert "foreign key" not in owner.get(page_of(task)).content.decode()


def test_the_id_of_a_task_finds_its_documents(acme: Actor, embedded: Bucket, owner: Client):
    task = EmbeddingTask.unscoped.get(bucket=embedded)
    shown = owner.get(list_of(Document), {"q": str(task.pk)})
    assert {row.path for row in shown.context["cl"].queryset} == {"lamps<1>.txt", "broken.pdf"}
    one = Document.unscoped.get(path="broken.pdf")
    assert list(owner.get(list_of(Document), {"q": str(one.pk)}).context["cl"].queryset) == [one]


def test_an_empty_list_says_where_its_rows_come_from(acme: Actor, owner: Client):
    page = owner.get(list_of(EmbeddingTask)).content.decode()
    assert "Nothing here yet" in page and "by the button on its page" in page
    assert "Nothing matches" in owner.get(list_of(EmbeddingTask), {"q": "x"}).content.decode()
