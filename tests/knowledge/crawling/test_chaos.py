"""A worker is killed in the middle of a crawl: another goes on, and each page is there once."""

import subprocess

import pytest

from files.models import Bucket, StoredObject
from knowledge.crawling.services import start_crawl
from knowledge.models import CrawledPage, Document, DocumentStatus, EmbeddingTask, PageState
from tests.fakes.site import FakeSite, star
from tests.jobs import processes
from tests.jobs.waiting import until

pytestmark = pytest.mark.chaos

PAGES = 61
SETTINGS = "tests.knowledge.crawling.process_settings"


def start() -> subprocess.Popen[bytes]:
    return processes.start(processes.RUNNER, DJANGO_SETTINGS_MODULE=SETTINGS)


def asked(site: FakeSite) -> int:
    return sum(site.asked.values())


def test_kills_in_the_middle_of_a_crawl_lose_no_page_and_store_none_twice(actor, site):
    site.pages |= star(range(PAGES - 1))
    site.pause = 0.02
    task = start_crawl(actor, "pages", site.url)
    worker = start()
    try:
        for _ in range(2):
            before = asked(site)
            until(lambda before=before: asked(site) > before + 12, seconds=30)
            worker.kill()
            worker.wait()
            assert EmbeddingTask.unscoped.get().status in ("queued", "processing")
            worker = start()
        until(lambda: EmbeddingTask.unscoped.get().finished_at is not None, seconds=60)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    task.refresh_from_db()
    assert (task.status, task.total, task.done) == ("success", PAGES, PAGES)
    assert CrawledPage.unscoped.filter(state=PageState.STORED).count() == PAGES
    assert StoredObject.unscoped.count() == PAGES
    assert Document.unscoped.filter(status=DocumentStatus.EMBEDDED).count() == PAGES
    assert Bucket.unscoped.get().version == PAGES
    assert asked(site) > PAGES + 2
