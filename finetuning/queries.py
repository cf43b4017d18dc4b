"""Reads of fine-tuning jobs and their events, each of one organisation."""

import uuid
from typing import Final

from finetuning.models import FinetuningJob, JobEvent
from organisations.actor import Actor
from vocabulary.errors import NotFound

MOST: Final = 1_000


def find_jobs(actor: Actor) -> list[FinetuningJob]:
    """The newest first, up to 1,000."""
    return list(FinetuningJob.objects.for_organisation(actor.organisation_id)[:MOST])


def get_job(actor: Actor, name: str) -> FinetuningJob:
    """By what callers call it. Raises `NotFound`, for another organisation's job too."""
    jobs = FinetuningJob.objects.for_organisation(actor.organisation_id)
    if (job := jobs.filter(name=name).first()) is None:
        raise NotFound("fine-tuning job not found")
    return job


def find_events(actor: Actor, name: str, *, after: int = 0, limit: int = 100) -> list[JobEvent]:
    """Those with a number above `after`, oldest first."""
    job = get_job(actor, name)
    events = JobEvent.objects.for_organisation(actor.organisation_id)
    return list(events.filter(job=job, seq__gt=after).order_by("seq")[:limit])


def find_latest_events(
    actor: Actor, name: str, *, after: uuid.UUID | None = None, limit: int = 20
) -> list[JobEvent]:
    """The newest first, from the one before the event `after` on. Raises `NotFound`."""
    job = get_job(actor, name)
    events = JobEvent.objects.for_organisation(actor.organisation_id).filter(job=job)
    if after is not None:
        if (last := events.filter(pk=after).first()) is None:
            raise NotFound(f"there is no event '{after}'")
        events = events.filter(seq__lt=last.seq)
    return list(events.order_by("-seq")[:limit])
