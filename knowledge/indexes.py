"""Which index a bucket has: one that searches read, at most one that is being built, and how the
second takes the first one's place.

Whoever changes an index, or what is in it, locks all live indexes of its bucket first (`lock`), so
that there is one order of locks and nobody waits for each other: bucket, indexes, tasks.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import F

from common import clock
from files.models import Bucket
from inference.queries import Power, choose_model, find_models
from knowledge.models import EmbeddingTask, Index, IndexState, Loader, TaskStatus
from organisations.actor import Actor
from vocabulary.errors import InvalidRequest, ModelNotFound, NotFound

CHUNK_SIZE = 1024
CHUNK_OVERLAP = 512
LEAST_SIZE, MOST_SIZE = 16, 8192
LIVE = (IndexState.ACTIVE, IndexState.BUILDING)
OPEN = (TaskStatus.QUEUED, TaskStatus.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What makes an index another one. Sizes are in characters."""

    model: str
    chunk_size: int = CHUNK_SIZE
    chunk_overlap: int = CHUNK_OVERLAP
    loader: str = Loader.DEFAULT


def make_settings(
    actor: Actor,
    *,
    model: str = "",
    chunk_size: int = CHUNK_SIZE,
    chunk_overlap: int | None = None,
    loader: str = Loader.DEFAULT,
    stand_in_for: Collection[str] = (),
) -> Settings:
    """Settings whose model is there, by its full name.

    An overlap that is not given is half a chunk, and 512 characters at most. Raises
    `InvalidRequest` or `ModelNotFound`.
    """
    if not LEAST_SIZE <= chunk_size <= MOST_SIZE:
        raise InvalidRequest("chunk_size", f"must be between {LEAST_SIZE} and {MOST_SIZE}")
    overlap = min(CHUNK_OVERLAP, chunk_size // 2) if chunk_overlap is None else chunk_overlap
    if not 0 <= overlap < chunk_size:
        raise InvalidRequest("chunk_overlap", "must be at least 0 and less than the chunk size")
    if loader not in Loader.values:
        raise InvalidRequest("loader", f"must be one of {', '.join(Loader.values)}")
    chosen = choose_model(actor, model, Power.EMBEDDING, stand_in_for)
    return Settings(
        model=_full_name(actor, chosen), chunk_size=chunk_size, chunk_overlap=overlap, loader=loader
    )


def find_index(bucket: Bucket, state: IndexState = IndexState.ACTIVE) -> Index | None:
    return Index.unscoped.filter(bucket=bucket, state=state).first()


def get_index(actor: Actor, bucket_name: str) -> Index:
    """The index that searches in a bucket read; `NotFound` if it has none, or is unknown."""
    mine = Index.objects.for_organisation(actor.organisation_id)
    active = mine.filter(bucket__name=bucket_name, state=IndexState.ACTIVE)
    if (index := active.select_related("bucket").first()) is None:
        raise NotFound(f"there are no embeddings of a bucket '{bucket_name}'")
    return index


def ensure_index(actor: Actor, bucket: Bucket) -> Index:
    """The active index of a bucket; one with the usual settings is made if there is none.

    In the caller's transaction.
    """
    _lock_bucket(bucket)
    return find_index(bucket) or _create(bucket, make_settings(actor), "", IndexState.ACTIVE)


def choose_index(bucket: Bucket, settings: Settings, asked_model: str) -> Index:
    """The live index with these settings; else a new one, in the caller's transaction.

    A bucket's first index is active at once, so that its files are found as they are read. Another
    is built beside it, in the place of one that was being built.
    """
    _lock_bucket(bucket)
    live = list(lock_live([bucket.pk]).values())
    same = next((index for index in live if settings_of(index) == settings), None)
    building = [index.pk for index in live if index.state == IndexState.BUILDING and index != same]
    retire(building, "other settings were asked for before this was done")
    if same is not None:
        return same
    return _create(
        bucket, settings, asked_model, IndexState.BUILDING if live else IndexState.ACTIVE
    )


def settings_of(index: Index) -> Settings:
    return Settings(
        model=index.model,
        chunk_size=index.chunk_size,
        chunk_overlap=index.chunk_overlap,
        loader=index.loader,
    )


def lock(indexes: Iterable[uuid.UUID]) -> dict[uuid.UUID, Index]:
    """Lock these and all other live indexes of their buckets. Those that are live, by id."""
    buckets = Index.unscoped.filter(pk__in=set(indexes)).values_list("bucket_id", flat=True)
    return lock_live(list(buckets))


def lock_live(buckets: Collection[uuid.UUID]) -> dict[uuid.UUID, Index]:
    """Not against those who only refer to them: documents come in without waiting."""
    live = Index.unscoped.filter(bucket_id__in=buckets, state__in=LIVE)
    return {index.pk: index for index in live.order_by("pk").select_for_update(no_key=True)}


def retire(indexes: Iterable[uuid.UUID], reason: str) -> None:
    """Take indexes out of use, with the tasks that fill them; a sweep deletes their rows."""
    keys = list(indexes)
    Index.unscoped.filter(pk__in=keys).update(state=IndexState.RETIRED)
    EmbeddingTask.unscoped.filter(index__in=keys, status__in=OPEN).update(
        status=TaskStatus.FAILURE, error=reason, finished_at=clock.now()
    )


def bump(indexes: Iterable[uuid.UUID]) -> None:
    """A search would find something else now."""
    Index.unscoped.filter(pk__in=set(indexes)).update(revision=F("revision") + 1)


def _lock_bucket(bucket: Bucket) -> None:
    if not Bucket.unscoped.filter(pk=bucket.pk).select_for_update(no_key=True):
        raise NotFound(f"there is no bucket '{bucket.name}'")


def _create(bucket: Bucket, settings: Settings, asked: str, state: IndexState) -> Index:
    """The files of the moment are listed by whoever asked; later ones by their higher version."""
    return Index.objects.create(
        organisation_id=bucket.organisation_id,
        bucket=bucket,
        asked_model=asked or settings.model,
        model=settings.model,
        chunk_size=settings.chunk_size,
        chunk_overlap=settings.chunk_overlap,
        loader=settings.loader,
        state=state,
    )


def _full_name(actor: Actor, name: str) -> str:
    names = [model.id for model in find_models(actor, Power.EMBEDDING)]
    bare = [each for each in names if each.partition("/")[2] == name]
    if name not in names and not bare:
        raise ModelNotFound(f"there is no embedding model '{name}'")
    return name if name in names else bare[0]
