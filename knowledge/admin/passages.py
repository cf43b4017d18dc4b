"""What a search found, as the page shows it: how certain, in which file, and the words of the
question marked in the passage."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from asgiref.sync import async_to_sync
from django.urls import reverse

from files.models import StoredObject
from inference.origin import Origin
from knowledge.keywords import NAME, find_words
from knowledge.search import Match, search
from organisations.actor import Actor
from vocabulary.errors import DomainError, NotFound

MOST_FOUND: Final = 5
MOST_SHOWN: Final = 1500  # characters of a passage
ORIGIN: Final = Origin(surface="admin", purpose="embedding")


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """`percent` is the certainty; `href` leads to the file in the admin, `url` to the page that was
    crawled. Both may be empty."""

    path: str
    href: str
    url: str
    percent: int
    segments: tuple[Segment, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of a question; `refusal` says why nothing could."""

    passages: tuple[Passage, ...] = ()
    model: str = ""
    refusal: str = ""
    is_embedded: bool = True

    @property
    def by_words(self) -> bool:
        """The model that made the index is not installed."""
        return self.model == NAME


def find_passages(actor: Actor, bucket_id: uuid.UUID, bucket_name: str, question: str) -> Finding:
    """The passages nearest to the question, metered as any embedding of the organisation."""
    ask = async_to_sync(search)
    try:
        matches = ask(actor, bucket_name, question, limit=MOST_FOUND, origin=ORIGIN)
    except NotFound:
        return Finding(is_embedded=False)
    except DomainError as error:
        return Finding(refusal=error.message)
    files = _find_pages(bucket_id, matches)
    return Finding(
        passages=tuple(_show(match, question, files) for match in matches),
        model=matches[0].model if matches else "",
    )


def mark(text: str, question: str) -> Iterator[Segment]:
    """The text in pieces; a piece is a hit where a word begins as one of the question's does."""
    words = find_words(question)
    if not words:
        yield Segment(text, False)
        return
    begins = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    pieces = re.split(rf"(\b(?:{begins})\w*)", text, flags=re.IGNORECASE)
    for place, piece in enumerate(pieces):
        if piece:
            yield Segment(piece, place % 2 == 1)


def _show(match: Match, question: str, files: Mapping[str, str]) -> Passage:
    return Passage(
        path=match.path,
        href=files.get(match.path, ""),
        url=match.url if match.url.startswith(("http://", "https://")) else "",
        percent=round(100 * match.certainty),
        segments=tuple(mark(match.text[:MOST_SHOWN], question)),
        is_cut=len(match.text) > MOST_SHOWN,
    )


def _find_pages(bucket_id: uuid.UUID, matches: Sequence[Match]) -> dict[str, str]:
    """The admin's pages of the files, by path."""
    paths = {match.path for match in matches}
    rows = StoredObject.unscoped.filter(bucket_id=bucket_id, path__in=paths)
    return {
        path: reverse("admin:files_storedobject_change", args=[pk])
        for path, pk in rows.values_list("path", "pk")
    }
