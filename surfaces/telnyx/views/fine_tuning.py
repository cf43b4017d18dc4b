"""Fine-tuning jobs: started, looked at, cancelled. Their names have slashes and colons in them."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from finetuning import services
from finetuning.queries import find_events, find_jobs, get_job
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import FEED
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.events import LAST_SEQ, MOST
from surfaces.telnyx.translate.fine_tuning import (
    EVENTS,
    JOB,
    JOBS,
    parse_epochs,
    render_events,
    render_job,
    render_jobs,
)
from surfaces.telnyx.translate.queries import find_integer
from wire.shapes import TEXT

NAMED = {"job_id": TEXT}


class Jobs(TelnyxView):
    class Body(serializers.Serializer[None]):
        model = fields.Text(allow_blank=False, max_length=200)
        training_file = fields.Text(allow_blank=False, max_length=1100)
        validation_file = fields.Text(required=False, allow_null=True, max_length=1100)
        hyperparameters = fields.Mapped(required=False, allow_null=True)
        suffix = fields.Text(required=False, allow_null=True, max_length=64)

    @promises(answer=JOBS)
    def get(self, request: Request) -> HttpResponse:
        """List the fine-tuning jobs, the newest first."""
        return reply(render_jobs(find_jobs(self.actor)))

    @promises(body=Body, answer=JOB)
    def post(self, request: Request) -> HttpResponse:
        """Fine-tune a model on a JSONL file in a bucket."""
        body = self.body(self.Body)
        epochs = parse_epochs(body.get("hyperparameters"))
        job = services.create_job(
            self.actor,
            model=body["model"],
            training_file=body["training_file"],
            validation_file=body.get("validation_file") or "",
            suffix=body.get("suffix") or "",
            epochs=services.DEFAULT_EPOCHS if epochs is None else epochs,
        )
        return reply(render_job(job))


class Job(TelnyxView):
    @promises(answer=JOB, path=NAMED)
    def get(self, request: Request, job_id: str) -> HttpResponse:
        """Retrieve a fine-tuning job."""
        return reply(render_job(get_job(self.actor, job_id)))


class Cancel(TelnyxView):
    @promises(answer=JOB, path=NAMED)
    def post(self, request: Request, job_id: str) -> HttpResponse:
        """Cancel a fine-tuning job. One that has ended is refused with 400."""
        return reply(render_job(services.cancel_job(self.actor, job_id)))


class Events(TelnyxView):
    @promises(answer=EVENTS, path=NAMED, query=FEED)
    def get(self, request: Request, job_id: str) -> HttpResponse:
        """List what happened in a fine-tuning job, oldest first."""
        after = find_integer(self.query, "after", default=0, low=0, high=LAST_SEQ)
        limit = find_integer(self.query, "limit", default=100, low=1, high=MOST)
        return reply(render_events(find_events(self.actor, job_id, after=after, limit=limit)))
