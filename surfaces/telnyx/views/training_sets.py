"""Training sets of stored conversations: started, and looked at while they are written."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from executions.queries import get_execution
from insights import services
from insights.training_sets import FORMATS, WORKFLOW, describe
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.backfills import name_fault, parse_filter
from surfaces.telnyx.translate.ids import parse_id, parse_path_id
from surfaces.telnyx.translate.pages import data_of, render_data
from surfaces.telnyx.translate.training_sets import TRAINING_SET, parse_confidence
from vocabulary.errors import InvalidRequest, NotFound


class TrainingSets(TelnyxView):
    class Body(serializers.Serializer[None]):
        insight_id = fields.Text(allow_blank=False)
        bucket = fields.Text(allow_blank=False, max_length=63)
        path = fields.Text(allow_blank=False, max_length=1024)
        field = fields.Text(required=False, allow_null=True, max_length=500)
        filter = fields.Anything(required=False, allow_null=True)
        min_confidence = fields.Anything(required=False, allow_null=True)
        format = fields.Text(required=False, allow_null=True)
        value = fields.Text(required=False, allow_null=True, max_length=1000)

    @promises(body=Body, answer=data_of(TRAINING_SET))
    def post(self, request: Request) -> HttpResponse:
        """Write a file to fine-tune with, made of conversations and what an insight found."""
        body = self.body(self.Body)
        chosen = parse_filter(body.get("filter"))
        kind = next((name for name in FORMATS if name == (body.get("format") or FORMATS[0])), None)
        if kind is None:
            raise InvalidRequest("format", f"must be one of {', '.join(FORMATS)}")
        try:
            started = services.start_training_set(
                self.actor,
                template_id=parse_id("insight_id", body["insight_id"]),
                bucket=body["bucket"],
                path=body["path"],
                field=body.get("field") or "",
                filter=chosen,
                min_confidence=parse_confidence(body.get("min_confidence")),
                format=kind,
                value=body.get("value") or "",
            )
        except InvalidRequest as fault:
            raise name_fault(fault, chosen) from fault
        return reply(render_data(describe(started)))


class TrainingSet(TelnyxView):
    @promises(answer=data_of(TRAINING_SET))
    def get(self, request: Request, set_id: str) -> HttpResponse:
        """Show how far a training set has come."""
        found = get_execution(self.actor, parse_path_id("set_id", set_id))
        if found.workflow != WORKFLOW:
            raise NotFound("execution not found")
        return reply(render_data(describe(found)))
