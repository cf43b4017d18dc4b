"""One page: asked for, looked at, its bytes brought into the storage. No row refers to them yet."""

import asyncio
import uuid
from asyncio import sleep
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from common.downloads import Fetched, RedirectRefused, fetch_file
from files.blobs import make_blob
from files.models import Blob, StoredObject
from files.spool import Spooled, spooled_file
from files.threads import in_file_thread
from knowledge.crawling.addresses import Site, bucket_path, canonical
from knowledge.crawling.pages import SUFFIXES, Page, read_page
from knowledge.crawling.robots import Robots, get_robots
from knowledge.models import PageState
from vocabulary.errors import DomainError

ACCEPT: Final = (
    "text/html,application/xhtml+xml,application/pdf,text/plain,text/markdown,text/csv,"
    "application/json;q=0.9,*/*;q=0.1"
)

AT_ONCE: Final = 2  # requests to one host
PATIENT: Final = 1.0  # seconds; who wants longer pauses than this is asked one thing at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A page that has been found and is to be visited."""

    id: uuid.UUID
    url: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where pages go, and which belong there."""

    organisation_id: uuid.UUID
    bucket_id: uuid.UUID
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of a page. `url` is where redirects led to; `blob` is None where nothing is to be
    stored, or where the bucket holds the very same bytes already."""

    due: Due
    state: PageState
    url: str
    reason: str = ""
    path: str = ""
    content_type: str = ""
    blob: Blob | None = None
    links: tuple[str, ...] = field(default=(), repr=False)


async def visit(due: Due, place: Place) -> Visit:
    """Never raises for what a server does wrong."""
    agent = settings.CRAWL_USER_AGENT
    robots = await get_robots(due.url, agent)
    if refusal := robots.why_not(due.url):
        return Visit(due=due, url=due.url, state=PageState.SKIPPED, reason=refusal)
    try:
        async with fetch_file(
            due.url,
            most=settings.CRAWL_MAX_PAGE_BYTES,
            accept=ACCEPT,
            user_agent=agent,
            total=settings.CRAWL_PAGE_SECONDS,
            may_follow=lambda url: _may_follow(url, place.site, robots),
        ) as fetched:
            return await _take(due, place, fetched)
    except RedirectRefused as error:
        return Visit(due=due, url=due.url, state=PageState.SKIPPED, reason=error.message)
    except DomainError as error:
        return Visit(due=due, url=due.url, state=PageState.FAILED, reason=error.message)


def _may_follow(url: str, site: Site, robots: Robots) -> bool:
    spelled = canonical(url)
    return spelled is not None and site.holds(spelled) and not robots.why_not(spelled)


async def _take(due: Due, place: Place, fetched: Fetched) -> Visit:
    url = canonical(fetched.final_url) or due.url
    robots = await get_robots(url, settings.CRAWL_USER_AGENT)
    kind = fetched.media_type
    if refusal := robots.why_not(url) or _why_not_kept(kind):
        return Visit(due=due, url=url, state=PageState.SKIPPED, reason=refusal)
    page = await in_file_thread(read_page, fetched)
    if not page.may_keep:
        return _skipped_with_links(due, url, page)
    path = bucket_path(url, SUFFIXES[kind])
    spooled = await in_file_thread(spooled_file, fetched.path)
    return Visit(
        due=due,
        url=url,
        state=PageState.STORED,
        path=path,
        content_type=fetched.content_type[:200] if fetched.content_type.isascii() else kind,
        blob=await in_file_thread(_store, place, path, spooled),
        links=page.links,
    )


def _why_not_kept(kind: str) -> str:
    return "" if kind in SUFFIXES else f"files of type '{kind[:100]}' are not kept"


def _skipped_with_links(due: Due, url: str, page: Page) -> Visit:
    reason = "the page asks not to be indexed"
    return Visit(due=due, url=url, state=PageState.SKIPPED, reason=reason, links=page.links)


def _store(place: Place, path: str, spooled: Spooled) -> Blob | None:
    there = StoredObject.objects.for_organisation(place.organisation_id).filter(
        bucket=place.bucket_id, path=path, blob__sha256=spooled.sha256
    )
    return None if there.exists() else make_blob(place.organisation_id, spooled)


async def visit_all(dues: list[Due], place: Place, *, seconds: float) -> list[Visit]:
    """Visit pages in turn, a few at once; those that are not begun in time are left out."""
    robots = await get_robots(dues[0].url, settings.CRAWL_USER_AGENT)
    pause = max(settings.CRAWL_DELAY, robots.delay)
    until = asyncio.get_running_loop().time() + seconds
    waiting, turn, visits = iter(dues), asyncio.Lock(), []

    async def walk() -> None:
        while True:
            async with turn:
                late = asyncio.get_running_loop().time() > until
                due = None if late else next(waiting, None)
                if due is None:
                    return
                await sleep(pause)
            visits.append(await visit(due, place))

    async with asyncio.TaskGroup() as walkers:
        for _ in range(AT_ONCE if pause < PATIENT else 1):
            walkers.create_task(walk())
    return visits
