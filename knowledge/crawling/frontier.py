"""The pages that a crawl knows: which come next, what became of them, which they lead to.

`settle` writes down what a round found, in the transaction that closes the round's job: either all
of it is there, and the next round ordered, or nothing is and the round is walked again.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from typing import Final

from django.conf import settings

from common import clock
from files import quota
from files.models import StoredObject
from files.queries import get_object
from files.services import lock_bucket, place_blob
from jobs.services import enqueue
from knowledge import indexes, tasks
from knowledge.crawling.addresses import Site, digest
from knowledge.crawling.visits import Due, Visit
from knowledge.documents import enqueue_document
from knowledge.indexes import OPEN
from knowledge.models import CrawledPage, EmbeddingTask, PageState
from knowledge.sources import SOURCE
from knowledge.tasks import Change
from organisations.actor import Actor, system
from vocabulary.errors import DomainError

JOB: Final = "knowledge.crawl"
MOST_DEPTH: Final = 5  # levels below the first page
AT_ONCE: Final = 500  # rows in one statement


def begin(task: EmbeddingTask) -> None:
    """In the transaction that creates the task: its first page, and the first round."""
    CrawledPage.objects.bulk_create([_draft(task, task.url, 0)])
    order_round(task)


def order_round(task: EmbeddingTask) -> None:
    """Crawls of one host share a lane, so that a process asks it for one of them at a time."""
    enqueue(
        JOB,
        organisation_id=task.organisation_id,
        subject=task.pk,
        lane=uuid.uuid5(uuid.NAMESPACE_DNS, Site.of(task.url).host),
    )


def find_due(task_id: uuid.UUID, most: int) -> list[Due]:
    """The pages to visit next, those nearest to the first one before others."""
    found = CrawledPage.unscoped.filter(task=task_id, state=PageState.FOUND)
    return [
        Due(id=page.pk, url=page.url, depth=page.depth)
        for page in found.order_by("depth", "pk")[:most]
    ]


def settle(task_id: uuid.UUID, visits: Sequence[Visit]) -> None:
    """Write down a round. A task that others have ended is left as it is."""
    task = _lock(task_id)
    if task is None:
        return
    own = _without_twins(task, sorted(visits, key=lambda visit: visit.due.id))
    stored = [(visit, *_place(task, visit)) for visit in own]
    index = indexes.find_index(task.bucket)
    if index is None:
        return  # whoever took the embeddings away has ended the task
    indexes.lock([index.pk])
    settled = []
    for visit, there, reason in stored:
        if there is not None:
            enqueue_document(task, index, there)
        settled.append(replace(visit, state=PageState.FAILED, reason=reason) if reason else visit)
    failed = sum(visit.state == PageState.FAILED for visit in settled)
    tasks.count({task.pk: Change(total=failed, failed=failed)})
    _write(task, settled)
    _add_links(task, settled)
    _go_on(task)


def _lock(task_id: uuid.UUID) -> EmbeddingTask | None:
    """In the order in which everybody locks: organisation, bucket, then indexes and tasks."""
    task = EmbeddingTask.unscoped.filter(pk=task_id).first()
    if task is None:
        return None
    quota.lock(task.organisation_id)
    lock_bucket(task.bucket_id)
    mine = EmbeddingTask.unscoped.filter(pk=task_id, status__in=OPEN, all_found=False)
    return mine.select_related("bucket").first()


# -- pages with two addresses -------------------------------------------------------------------
def _without_twins(task: EmbeddingTask, visits: Iterable[Visit]) -> list[Visit]:
    """Where redirects led to a page that the crawl knows by its own address, that one counts."""
    own, seen = [], set[str]()
    for visit in visits:
        final = digest(visit.url)
        if final != digest(visit.due.url) and (final in seen or _is_known(task, final)):
            reason = f"the same page as {visit.url}"
            visit = replace(visit, state=PageState.SKIPPED, reason=reason, blob=None)
        seen.add(final)
        own.append(visit)
    return own


def _is_known(task: EmbeddingTask, page: str) -> bool:
    return CrawledPage.unscoped.filter(task=task, url_digest=page).exists()


# -- into the bucket ----------------------------------------------------------------------------
def _place(task: EmbeddingTask, visit: Visit) -> tuple[StoredObject | None, str]:
    """The object of a page that is to be stored; else why there is none, if that is a failure."""
    if visit.state != PageState.STORED:
        return None, ""
    actor, name = system(task.organisation_id, "crawl"), task.bucket.name
    try:
        return _put(actor, name, visit), ""
    except DomainError as error:
        return None, error.message


def _put(actor: Actor, bucket: str, visit: Visit) -> StoredObject:
    if visit.blob is None:
        return get_object(actor, bucket, visit.path)
    return place_blob(
        actor,
        bucket,
        visit.path,
        visit.blob,
        content_type=visit.content_type,
        metadata={SOURCE: visit.url},
    )


# -- rows ---------------------------------------------------------------------------------------
def _draft(task: EmbeddingTask, url: str, depth: int) -> CrawledPage:
    return CrawledPage(
        organisation_id=task.organisation_id,
        task=task,
        url=url,
        url_digest=digest(url),
        depth=depth,
    )


def _write(task: EmbeddingTask, visits: Iterable[Visit]) -> None:
    """A page that redirected is skipped, and the one that it led to is there beside it."""
    for visit in visits:
        row = CrawledPage.unscoped.filter(pk=visit.due.id)
        outcome = {"state": visit.state, "reason": visit.reason, "path": visit.path}
        if visit.state == PageState.STORED and digest(visit.url) != digest(visit.due.url):
            target = _draft(task, visit.url, visit.due.depth)
            target.state, target.path = visit.state, visit.path
            target.save(force_insert=True)
            outcome = {"state": PageState.SKIPPED, "reason": f"redirects to {visit.url}"}
        row.update(**outcome)


def _add_links(task: EmbeddingTask, visits: Sequence[Visit]) -> None:
    """The first visit that leads to a page says how deep it lies."""
    room = settings.CRAWL_MAX_PAGES - CrawledPage.unscoped.filter(task=task).count()
    for some in batched(_found(task, visits).items(), AT_ONCE, strict=False):
        if room <= 0:
            return
        pages = dict(some)
        mine = CrawledPage.unscoped.filter(task=task)
        known = set(mine.filter(url_digest__in=pages).values_list("url_digest", flat=True))
        new = [_draft(task, *page) for key, page in pages.items() if key not in known][:room]
        CrawledPage.objects.bulk_create(new)
        room -= len(new)


def _found(task: EmbeddingTask, visits: Iterable[Visit]) -> dict[str, tuple[str, int]]:
    """Address and depth of the pages of this site that the visited ones lead to, by digest."""
    site, found = Site.of(task.url), dict[str, tuple[str, int]]()
    for visit in visits:
        if visit.due.depth < MOST_DEPTH:
            for link in visit.links:
                if site.holds(link):
                    found.setdefault(digest(link), (link, visit.due.depth + 1))
    return found


# -- the next round, or the end -----------------------------------------------------------------
def _go_on(task: EmbeddingTask) -> None:
    pages = CrawledPage.unscoped.filter(task=task)
    waiting = pages.filter(state=PageState.FOUND)
    if _is_late(task):
        reason = f"the crawl had {settings.CRAWL_MAX_SECONDS} seconds"
        waiting.update(state=PageState.SKIPPED, reason=reason)
    if waiting.exists():
        order_round(task)
    elif pages.filter(state=PageState.STORED).exists():
        tasks.close_list(task.pk)
    else:
        first = pages.order_by("depth", "pk").first()
        tasks.fail(task.pk, first.reason if first else "no page was found")


def _is_late(task: EmbeddingTask) -> bool:
    began = task.started_at or clock.now()
    return clock.now() - began > timedelta(seconds=settings.CRAWL_MAX_SECONDS)
