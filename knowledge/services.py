"""What may be done with a bucket's knowledge."""

from collections.abc import Collection

from django.db import transaction

from common.deadlocks import again_after_deadlock
from files.queries import get_bucket
from knowledge import indexes
from knowledge.comparisons import begin_comparison
from knowledge.indexes import CHUNK_SIZE, OPEN
from knowledge.models import EmbeddingTask, Index, Loader, TaskKind
from organisations import audit
from organisations.actor import Actor
from vocabulary.errors import NotFound


@again_after_deadlock
def start_embedding(
    actor: Actor,
    bucket_name: str,
    *,
    model: str = "",
    chunk_size: int = CHUNK_SIZE,
    chunk_overlap: int | None = None,
    loader: str = Loader.DEFAULT,
    stand_in_for: Collection[str] = (),
) -> EmbeddingTask:
    """Embed the files of a bucket, and from then on those that come, change or go.

    With the settings of the bucket's index only what it lacks is embedded; with others a new one is
    built, which takes its place at the end. Asked while a task is at just that, it is joined.
    """
    bucket = get_bucket(actor, bucket_name)
    settings = indexes.make_settings(
        actor,
        model=model,
        chunk_size=chunk_size,
        chunk_overlap=chunk_overlap,
        loader=loader,
        stand_in_for=stand_in_for,
    )
    with transaction.atomic():
        index = indexes.choose_index(bucket, settings, model)
        task = _join(index) or _create(actor, index)
        begin_comparison(index, task.pk)
        audit.record(actor, "embedding.start", task, bucket=bucket_name, model=settings.model)
    return task


@again_after_deadlock
def delete_embeddings(actor: Actor, bucket_name: str) -> None:
    """Forget what was embedded of a bucket, and follow it no longer. Its files stay.

    `NotFound` where nothing was embedded. Searches find nothing at once; the rows go later.
    """
    bucket = get_bucket(actor, bucket_name)
    with transaction.atomic():
        live = indexes.lock_live([bucket.pk])
        if not live:
            raise NotFound(f"there are no embeddings of a bucket '{bucket_name}'")
        indexes.retire(live, "the bucket's embeddings were deleted")
        audit.record(actor, "embedding.delete", bucket)


def _join(index: Index) -> EmbeddingTask | None:
    """The open task that embeds this index's bucket: it has more files to find now."""
    rows = EmbeddingTask.unscoped.filter(index=index, kind=TaskKind.EMBED, status__in=OPEN)
    if (task := rows.first()) is None:
        return None
    task.all_found = False
    task.save(update_fields=["all_found"])
    return task


def _create(actor: Actor, index: Index) -> EmbeddingTask:
    return EmbeddingTask.objects.create(
        organisation_id=actor.organisation_id,
        bucket_id=index.bucket_id,
        index=index,
        name=f"Embed {index.bucket.name}",
        requested_by=actor.key_id,
    )
