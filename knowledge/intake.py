"""The job that reads a file: its text, cut into chunks, in one commit with the jobs that embed
them."""

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from files.models import Blob, StoredObject
from inference.origin import Origin
from jobs.handlers import Claim, Outcome, subjects
from jobs.services import enqueue_many
from knowledge.chunking import Piece, cut
from knowledge.chunks import insert_chunks
from knowledge.documents import (
    drop_documents,
    embed_jobs,
    fail_document,
    find_unfinished,
    lock_unfinished,
)
from knowledge.failures import is_final, is_of_the_file, reason_of
from knowledge.indexes import Settings, settings_of
from knowledge.models import Document, DocumentStatus
from knowledge.texts import read_document
from organisations.actor import Actor, system
from vocabulary.errors import DomainError

MOST_CHUNKS = 20_000
"""Of one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is to be read. No blob: the file is no longer there, or is another."""

    actor: Actor
    path: str
    settings: Settings
    blob: Blob | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What came of it: pieces, or why there are none."""

    pieces: Sequence[Piece] = field(default_factory=list)
    error: str = ""
    of_the_file: bool = False
    is_gone: bool = False


class Read:
    """`knowledge.read`; the job's subject is the document. Files are read in other processes, two
    of one organisation at a time."""

    limit = 4
    lane_limit = 2
    deadline = 3600.0  # recordings are listened to

    def load(self, claims: Sequence[Claim]) -> Mapping[uuid.UUID, Reading]:
        """Documents that are done, or whose index is not in use, are left out."""
        found = find_unfinished(subjects(claims))
        waiting = [document.pk for document in found.values()]
        Document.unscoped.filter(pk__in=waiting, status=DocumentStatus.PENDING).update(
            status=DocumentStatus.PROCESSING
        )
        return {c.id: _reading(found[c.subject]) for c in claims if c.subject in found}

    async def perform(self, work: Reading) -> Outcome[Text]:
        if work.blob is None:
            return Outcome(result=Text(is_gone=True))
        try:
            return Outcome(result=await _read(work, work.blob))
        except DomainError as error:
            if not is_final(error):
                raise
            return Outcome(result=Text(error=error.message, of_the_file=is_of_the_file(error)))

    def commit(self, outcomes: Sequence[tuple[Claim, Outcome[Text]]]) -> None:
        found = _lock(claim for claim, _ in outcomes)
        for claim, outcome in outcomes:
            if claim.subject in found:
                _write(found[claim.subject], outcome.result)

    def bury(self, claims: Sequence[tuple[Claim, str]]) -> None:
        found = _lock(claim for claim, _ in claims)
        for claim, error in claims:
            if claim.subject in found:
                fail_document(found[claim.subject], reason_of(error))


async def _read(work: Reading, blob: Blob) -> Text:
    extract = await read_document(
        work.actor,
        blob,
        path=work.path,
        content_type=work.content_type,
        origin=Origin(purpose="transcription"),
    )
    chosen = work.settings
    pieces = await asyncio.to_thread(
        cut,
        extract,
        size=chosen.chunk_size,
        overlap=chosen.chunk_overlap,
        loader=chosen.loader,
    )
    if not pieces:
        return Text(error="the file has no text in it", of_the_file=True)
    if len(pieces) > MOST_CHUNKS:
        message = f"the file makes {len(pieces):,} chunks; {MOST_CHUNKS:,} are taken"
        return Text(error=message, of_the_file=True)
    return Text(pieces=pieces)


def _write(document: Document, text: Text) -> None:
    if text.is_gone:
        drop_documents([document])
    elif text.error:
        fail_document(document, text.error, replaces=text.of_the_file)
    else:
        insert_chunks(document, text.pieces)
        document.chunk_count = len(text.pieces)
        document.save(update_fields=["chunk_count"])
        enqueue_many(embed_jobs(document))


def _lock(claims: Iterable[Claim]) -> dict[uuid.UUID | None, Document]:
    """The documents of jobs that are still to be read, with the locks of their indexes."""
    locked = lock_unfinished(subjects(claims))
    return {key: document for key, document in locked.items() if not document.chunk_count}


def _reading(document: Document) -> Reading:
    stored = (
        StoredObject.unscoped.filter(bucket_id=document.index.bucket_id, path=document.path)
        .select_related("blob")
        .first()
    )
    is_there = stored is not None and stored.blob.sha256 == document.checksum
    return Reading(
        actor=system(document.organisation_id, "knowledge"),
        path=document.path,
        settings=settings_of(document.index),
        blob=stored.blob if stored and is_there else None,
        content_type=stored.content_type if stored else "",
    )
