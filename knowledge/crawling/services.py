"""Asking for a crawl."""

from django.db import transaction

from common import http
from common.deadlocks import again_after_deadlock
from files.queries import get_bucket
from knowledge import indexes
from knowledge.crawling import frontier
from knowledge.crawling.addresses import LONGEST, canonical
from knowledge.models import EmbeddingTask, TaskKind
from organisations.actor import Actor
from vocabulary.errors import AddressRefused, InvalidRequest


@again_after_deadlock
def start_crawl(actor: Actor, bucket_name: str, url: str) -> EmbeddingTask:
    """Begin to bring the page at `url`, and those of its site that it leads to, into a bucket.

    `InvalidRequest` at `url` for what is no address that may be asked, `NotFound` for the bucket.
    """
    start = _check(url)
    bucket = get_bucket(actor, bucket_name)
    with transaction.atomic():
        task = EmbeddingTask.objects.create(
            organisation_id=actor.organisation_id,
            bucket=bucket,
            index=indexes.ensure_index(actor, bucket),
            kind=TaskKind.CRAWL,
            name=f"{bucket.name}: {start}"[:300],
            url=start,
            requested_by=actor.key_id,
        )
        frontier.begin(task)
    return task


def _check(url: str) -> str:
    start = canonical(url)
    if start is None:
        raise InvalidRequest(
            "url", f"must be an http:// or https:// address of at most {LONGEST} characters"
        )
    try:
        http.check_address(start)
    except AddressRefused as refusal:
        raise InvalidRequest("url", refusal.message) from refusal
    return start
