"""A site comes into a bucket: all of it that may, once, within bounds."""

import pytest

from files.models import Blob, StoredObject
from files.queries import find_objects
from files.services import create_bucket
from jobs.testing import drain
from knowledge.crawling import rounds
from knowledge.crawling.services import start_crawl
from knowledge.models import CrawledPage, Document, DocumentStatus, EmbeddingTask, TaskStatus
from knowledge.services import delete_embeddings
from organisations.actor import Actor
from tests.fakes.site import (
    HTML,
    FakeSite,
    chain,
    is_endless,
    is_slow,
    links,
    redirects,
    says,
    star,
)
from tests.knowledge.crawling.conftest import pages_of, states_of
from vocabulary.errors import InvalidRequest, NotFound


def paths_in(actor: Actor) -> list[str]:
    """Without the host's part."""
    return [each.path.partition("/")[2] for each in find_objects(actor, "pages")]


# -- what is stored -----------------------------------------------------------------------------
def test_pages_land_in_the_bucket_with_their_addresses_and_are_embedded(site, actor, crawl):
    site.pages |= {
        "/": links("/about", "/list.pdf", "/data.json", "/note.txt", "/image", "/missing"),
        "/about": links("/"),
        "/list.pdf": says(b"%PDF-1.4", "application/pdf"),
        "/data.json": says("{}", "application/json"),
        "/note.txt": says("note", "text/plain"),
        "/image": says(b"png", "image/png"),
    }
    task = crawl()
    assert (task.status, task.total, task.done, task.failed) == ("partial_success", 6, 5, 1)
    assert paths_in(actor) == [
        "about/index.html", "data.json", "index.html", "list.pdf", "note.txt",
    ]  # fmt: skip
    stored = StoredObject.unscoped.get(path__endswith="about/index.html")
    assert stored.metadata == {"source-url": f"{site.url}/about"}
    assert stored.content_type == HTML
    assert set(Document.unscoped.values_list("status", flat=True)) == {DocumentStatus.EMBEDDED}
    pages = pages_of(task)
    assert pages["/missing"] == ("failed", "127.0.0.1 answered 404")
    assert pages["/image"] == ("skipped", "files of type 'image/png' are not kept")
    assert "/missing: 127.0.0.1 answered 404" in task.error


def test_a_loop_of_links_ends_and_each_page_is_asked_for_once(site, crawl):
    site.pages |= {"/": links("/a", "/#x"), "/a": links("/b", "/a/"), "/b": links("/", "/a?")}
    task = crawl()
    assert (task.status, task.total) == (TaskStatus.SUCCESS, 3)
    assert {path: site.asked[path] for path in ("/", "/a", "/b")} == {"/": 1, "/a": 1, "/b": 1}


def test_five_levels_below_the_first_page_are_visited(site, crawl):
    site.pages |= chain(10)
    assert set(states_of(crawl("/0"))) == {f"/{number}" for number in range(6)}


def test_links_to_other_sites_are_left_alone(site, crawl):
    with FakeSite(star(range(2))) as other:
        site.pages["/"] = links(other.url, "http://localhost:1/", "/a")
        site.pages["/a"] = redirects(f"{other.url}/")
        task = crawl()
        assert states_of(task) == {"/": "stored", "/a": "skipped"}
        assert pages_of(task)["/a"][1] == "127.0.0.1 redirects to 127.0.0.1"
        assert not other.asked


def test_a_page_behind_two_addresses_is_stored_once(site, actor, crawl):
    site.pages |= {
        "/": links("/old", "/older", "/new"),
        "/old": redirects("/new"),
        "/older": redirects("/newest"),
        "/new": links("/"),
        "/newest": links("/"),
    }
    task = crawl()
    assert task.status == TaskStatus.SUCCESS
    assert paths_in(actor) == ["index.html", "new/index.html", "newest/index.html"]
    assert pages_of(task)["/old"][0] == pages_of(task)["/older"][0] == "skipped"


def test_a_second_crawl_changes_only_what_has_changed(site, actor, crawl):
    site.pages |= star(range(3))
    crawl()
    before = {each.path: each.updated_at for each in find_objects(actor, "pages")}
    site.pages["/page-1"] = links("/", text="Something new.")
    task = crawl()
    assert (task.status, task.total, task.done) == (TaskStatus.SUCCESS, 4, 4)
    after = {each.path: each.updated_at for each in find_objects(actor, "pages")}
    assert [path.partition("/")[2] for path in after if after[path] != before[path]] == [
        "page-1/index.html"
    ]
    assert Document.unscoped.count() == 4


def test_two_hundred_pages_are_crawled_with_progress(site, actor, crawl):
    site.pages |= star(range(199))
    task = start_crawl(actor, "pages", site.url)
    assert task.status == TaskStatus.QUEUED
    drain(1)
    task.refresh_from_db()
    assert (task.status, task.total) == (TaskStatus.PROCESSING, 1)
    assert CrawledPage.unscoped.filter(task=task).count() == 200
    drain(60)
    task.refresh_from_db()
    assert task.status == TaskStatus.PROCESSING and 20 < task.total < 200
    drain()
    task.refresh_from_db()
    assert (task.status, task.total, task.done) == (TaskStatus.SUCCESS, 200, 200)
    assert len(paths_in(actor)) == 200
    assert set(site.asked.values()) == {1}
    assert Blob.unscoped.count() == 200
    assert site.most_at_once <= 2


# -- what a site asks for -----------------------------------------------------------------------
def test_robots_txt_is_kept_to(site, crawl):
    site.pages |= star(range(3))
    rules = "User-agent: colloquy\nDisallow: /page-1\n"
    site.pages["/robots.txt"] = says(rules, "text/plain")
    task = crawl()
    assert task.status == TaskStatus.SUCCESS
    assert pages_of(task)["/page-1"] == ("skipped", "robots.txt does not allow it")
    assert "/page-1" not in site.asked
    assert site.agents == {"colloquy"}


def test_no_redirect_leads_past_robots_txt(site, crawl):
    site.pages |= {"/": links("/a"), "/a": redirects("/secret"), "/secret": links()}
    site.pages["/robots.txt"] = says("User-agent: *\nDisallow: /secret\n", "text/plain")
    crawl()
    assert "/secret" not in site.asked


def test_a_delay_that_is_asked_for_is_kept(site, crawl, monkeypatch):
    site.pages |= star(range(2))
    site.pages["/robots.txt"] = says("User-agent: *\nCrawl-delay: 3\n", "text/plain")
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("knowledge.crawling.visits.sleep", note)
    crawl()
    assert pauses == [3, 3, 3]
    assert site.most_at_once == 1


def test_pages_may_ask_not_to_be_kept_or_followed(site, actor, crawl):
    site.pages |= {
        "/": links("/a", "/b"),
        "/a": links("/c", head='<meta name="robots" content="noindex">'),
        "/b": links("/d", head='<meta name="robots" content="nofollow">'),
        "/c": links(),
        "/d": links(),
    }
    task = crawl()
    assert pages_of(task)["/a"] == ("skipped", "the page asks not to be indexed")
    assert paths_in(actor) == ["b/index.html", "c/index.html", "index.html"]
    assert "/d" not in site.asked


# -- bounds -------------------------------------------------------------------------------------
def test_pages_without_end_and_without_answer_fail_by_themselves(site, settings, crawl):
    settings.CRAWL_PAGE_SECONDS = 0.3
    settings.CRAWL_MAX_PAGE_BYTES = 10_000
    site.pages |= {
        "/": links("/huge", "/announced", "/slow", "/fine"),
        "/huge": is_endless,
        "/announced": says(b"x" * 10_001),
        "/slow": is_slow(),
        "/fine": links(),
    }
    task = crawl()
    assert (task.status, task.done, task.failed) == (TaskStatus.PARTIAL_SUCCESS, 2, 3)
    pages = pages_of(task)
    assert pages["/huge"] == pages["/announced"]
    assert pages["/huge"] == ("failed", "the file is larger than 10000 bytes")
    assert pages["/slow"] == ("failed", "127.0.0.1 did not answer in time")


def test_no_more_pages_are_visited_than_allowed(site, settings, crawl):
    settings.CRAWL_MAX_PAGES = 7
    site.pages |= star(range(30))
    task = crawl()
    assert (task.status, task.total) == (TaskStatus.SUCCESS, 7)
    assert CrawledPage.unscoped.filter(task=task).count() == 7


def test_a_crawl_ends_when_its_time_is_up(site, settings, crawl, monkeypatch):
    monkeypatch.setattr(rounds, "PAGES", 3)
    settings.CRAWL_MAX_SECONDS = -1
    site.pages |= star(range(9))
    task = crawl()
    assert (task.status, task.total) == (TaskStatus.SUCCESS, 1)
    assert pages_of(task)["/page-5"] == ("skipped", "the crawl had -1 seconds")


def test_what_the_organisation_has_no_room_for_fails(site, settings, crawl):
    settings.STORAGE_QUOTA_BYTES = 500
    site.pages |= {"/": links("/a"), "/a": says("x" * 600)}
    task = crawl()
    assert (task.status, task.done, task.failed) == (TaskStatus.PARTIAL_SUCCESS, 1, 1)
    assert "may have 500 bytes" in pages_of(task)["/a"][1]


# -- how it ends --------------------------------------------------------------------------------
def test_a_first_page_that_cannot_be_had_fails_the_task(site, crawl):
    for path, reason in [
        ("/missing", "127.0.0.1 answered 404"),
        ("/away", "127.0.0.1 redirects to elsewhere.example"),
    ]:
        site.pages["/away"] = redirects("https://elsewhere.example/")
        task = crawl(path)
        assert (task.status, task.error) == (TaskStatus.FAILURE, reason)
        assert task.finished_at is not None


def test_a_server_that_is_not_there_fails_the_task(actor, site):
    gone = FakeSite()
    gone._socket.close()
    task = start_crawl(actor, "pages", gone.url)
    drain()
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILURE
    assert "robots.txt cannot be read: 127.0.0.1" in task.error


def test_a_private_address_behind_a_name_or_a_redirect_is_not_reached(site, actor, crawl, settings):
    site.pages["/"] = links("/a", "/b")
    site.pages["/a"] = redirects("http://169.254.169.254/latest/")
    site.pages["/b"] = redirects(f"http://localhost:{site.port}/secret")
    task = crawl()
    assert {state for path, state in states_of(task).items() if path != "/"} == {"skipped"}
    settings.ALLOW_PRIVATE_NETWORKS = []
    task = start_crawl(actor, "pages", "http://localhost.localdomain/")
    drain()
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILURE


def test_deleting_the_embeddings_ends_the_crawl(site, actor):
    site.pages |= star(range(50))
    task = start_crawl(actor, "pages", site.url)
    drain(3)
    delete_embeddings(actor, "pages")
    drain()
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILURE
    assert len(site.asked) < 50


def test_deleting_the_bucket_ends_the_crawl(site, actor):
    site.pages |= star(range(50))
    task = start_crawl(actor, "pages", site.url)
    drain(1)
    task.bucket.delete()
    drain()
    assert not EmbeddingTask.unscoped.exists()
    assert len(site.asked) < 50


# -- what is refused at once --------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://example.com/", "http://", "http://10.0.0.1/", "http://2130706433/",
     "http://[::1]/", "http://localhost/", "http://user:word@example.com/",
     "http://example.com:22/", "http://169.254.169.254/", "http://example.com/" + "x" * 2000],
)  # fmt: skip
def test_an_address_that_may_not_be_asked_is_refused_at_once(actor, settings, url):
    settings.ALLOW_PRIVATE_NETWORKS = []
    with pytest.raises(InvalidRequest) as caught:
        start_crawl(actor, "pages", url)
    assert caught.value.path == "url"
    assert not EmbeddingTask.unscoped.exists()


def test_the_bucket_must_be_there(actor):
    with pytest.raises(NotFound):
        start_crawl(actor, "nowhere", "https://example.com/")


def test_two_crawls_of_one_site_stand_in_one_line(site, actor):
    create_bucket(actor, "other")
    site.pages |= star(range(5))
    tasks = [start_crawl(actor, bucket, site.url) for bucket in ("pages", "other")]
    drain()
    assert {EmbeddingTask.unscoped.get(pk=task.pk).status for task in tasks} == {"success"}
