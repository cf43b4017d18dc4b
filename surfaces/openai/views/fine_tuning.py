"""Fine-tuning jobs: started, looked at, cancelled. Their names have slashes and colons in them."""

import uuid
from itertools import dropwhile
from typing import Final

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from finetuning import services
from finetuning.queries import find_jobs, find_latest_events, get_job
from surfaces import fields
from surfaces.kit import reply
from surfaces.openai.surface import OpenAIView
from surfaces.openai.translate.fine_tuning import (
    CHECKPOINTS,
    EVENTS,
    JOB,
    JOBS,
    parse_epochs,
    parse_file,
    render_event,
    render_job,
)
from surfaces.openai.translate.pages import MOST, USUAL, parse_limit, render_page
from surfaces.promises import Parameter, promises
from vocabulary.errors import InvalidRequest, NotFound
from wire.shapes import TEXT, usual, whole

NAMED: Final = {"job_id": TEXT}
PAGED: Final = (
    Parameter(name="after", about="The id of the last one of the page before."),
    Parameter(name="limit", shape=usual(whole(1, MOST), USUAL)),
)


class Jobs(OpenAIView):
    class Body(serializers.Serializer[None]):
        model = fields.Text(allow_blank=False, max_length=200)
        training_file = fields.Text(allow_blank=False, max_length=1100)
        validation_file = fields.Text(required=False, allow_null=True, max_length=1100)
        hyperparameters = fields.Mapped(required=False, allow_null=True)
        method = fields.Mapped(required=False, allow_null=True)
        suffix = fields.Text(required=False, allow_null=True, max_length=64)
        integrations = fields.Anything(required=False, allow_null=True)

    @promises(answer=JOBS, query=PAGED)
    def get(self, request: Request) -> HttpResponse:
        """List the fine-tuning jobs, the newest first."""
        limit, after = parse_limit(request.query_params), request.query_params.get("after")
        jobs = find_jobs(self.actor)
        if after:
            last = get_job(self.actor, after).pk
            jobs = list(dropwhile(lambda job: job.pk != last, jobs))[1:]
        return reply(render_page([render_job(job) for job in jobs[: limit + 1]], limit))

    @promises(body=Body, answer=JOB)
    def post(self, request: Request) -> HttpResponse:
        """Fine-tune a model on a JSONL file."""
        body = self.body(self.Body)
        if body.get("integrations"):
            raise InvalidRequest("integrations", "there are none here")
        epochs = parse_epochs(body)
        job = services.create_job(
            self.actor,
            model=body["model"],
            training_file=parse_file(body["training_file"]),
            validation_file=parse_file(body.get("validation_file") or ""),
            suffix=body.get("suffix") or "",
            epochs=services.DEFAULT_EPOCHS if epochs is None else epochs,
        )
        return reply(render_job(job))


class Job(OpenAIView):
    @promises(answer=JOB, path=NAMED)
    def get(self, request: Request, job_id: str) -> HttpResponse:
        """Retrieve a fine-tuning job."""
        return reply(render_job(get_job(self.actor, job_id)))


class Cancel(OpenAIView):
    @promises(answer=JOB, path=NAMED)
    def post(self, request: Request, job_id: str) -> HttpResponse:
        """Cancel a fine-tuning job. One that has ended is refused with 400."""
        return reply(render_job(services.cancel_job(self.actor, job_id)))


class Events(OpenAIView):
    @promises(answer=EVENTS, path=NAMED, query=PAGED)
    def get(self, request: Request, job_id: str) -> HttpResponse:
        """List what happened in a fine-tuning job, the newest first."""
        limit, after = parse_limit(request.query_params), request.query_params.get("after")
        events = find_latest_events(
            self.actor, job_id, after=_event_id(after) if after else None, limit=limit + 1
        )
        return reply(render_page([render_event(event) for event in events], limit))


class Checkpoints(OpenAIView):
    @promises(answer=CHECKPOINTS, path=NAMED)
    def get(self, request: Request, job_id: str) -> HttpResponse:
        """List a job's checkpoints: none are kept."""
        get_job(self.actor, job_id)
        return reply(render_page([], USUAL))


def _event_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(f"there is no event '{text}'") from None
