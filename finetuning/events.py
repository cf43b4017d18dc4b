"""Writing down what happens in a job. A job's row is locked by whoever adds to it."""

from collections.abc import Sequence

from django.db.models import Max

from common import clock
from finetuning.models import FinetuningJob, JobEvent
from vocabulary.finetuning import TuningEvent


def add_events(job: FinetuningJob, events: Sequence[TuningEvent]) -> None:
    """Add those that are not known by their keys yet, in their order."""
    known = set(job.events.exclude(key=None).values_list("key", flat=True))
    new = [event for event in events if not event.key or event.key not in known]
    last = job.events.aggregate(last=Max("seq"))["last"] or 0
    rows = [_row(job, event, last + place) for place, event in enumerate(new, start=1)]
    JobEvent.objects.bulk_create(rows)


def _row(job: FinetuningJob, event: TuningEvent, seq: int) -> JobEvent:
    return JobEvent(
        organisation_id=job.organisation_id,
        job=job,
        seq=seq,
        key=event.key[:200] or None,
        level=event.level,
        message=event.message,
        data=dict(event.data),
        created_at=event.at or clock.now(),
    )
