"""Settings of the processes that crawl: the project's, with the jobs of a crawl alone."""

from config.settings import *  # noqa: F403

JOBS = {
    "knowledge.crawl": "knowledge.crawling.rounds.Crawl",
    "knowledge.read": "tests.knowledge.crawling.doubles.ReadAtOnce",
}
PERIODIC: dict[str, tuple[float, str]] = {}
ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]
CRAWL_DELAY = 0.01
