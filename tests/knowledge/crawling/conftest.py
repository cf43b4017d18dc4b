"""A site on this machine, an organisation with a bucket, and a crawl that waits for nobody."""

from collections.abc import Callable, Iterator

import pytest

from files.services import create_bucket
from jobs.testing import drain
from knowledge.crawling import robots
from knowledge.crawling.services import start_crawl
from knowledge.models import CrawledPage, EmbeddingTask
from organisations.actor import Actor, system
from organisations.models import Organisation
from tests.fakes.site import FakeSite

type Crawl = Callable[..., EmbeddingTask]

JOBS = {
    "knowledge.crawl": "knowledge.crawling.rounds.Crawl",
    "knowledge.read": "tests.knowledge.crawling.doubles.ReadAtOnce",
}


@pytest.fixture(autouse=True)
def at_once(settings, tmp_path) -> None:
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.CRAWL_DELAY = 0
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }
    settings.JOBS = JOBS
    robots.forget()


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with FakeSite() as site:
        yield site


@pytest.fixture
def actor(transactional_db: None) -> Actor:
    actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
    create_bucket(actor, "pages")
    return actor


@pytest.fixture
def crawl(actor: Actor, site: FakeSite) -> Crawl:
    """Crawl from a path of the site until there is nothing left to do; the ended task."""

    def run(path: str = "/") -> EmbeddingTask:
        task = start_crawl(actor, "pages", site.url + path)
        drain()
        task.refresh_from_db()
        return task

    return run


def pages_of(task: EmbeddingTask) -> dict[str, tuple[str, str]]:
    """State and reason by what stands behind the host."""
    rows = CrawledPage.unscoped.filter(task=task)
    return {"/" + row.url.split("/", 3)[3]: (row.state, row.reason) for row in rows}


def states_of(task: EmbeddingTask) -> dict[str, str]:
    return {path: state for path, (state, _) in pages_of(task).items()}
