"""An insight over past conversations: started, and looked at while it goes on."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from executions.queries import get_execution
from insights import services
from insights.backfill import WORKFLOW, describe
from insights.queries import get_template
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.backfills import BACKFILL, name_fault, parse_filter, parse_money
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import data_of, render_data
from vocabulary.errors import InvalidRequest, NotFound


class Backfills(TelnyxView):
    class Body(serializers.Serializer[None]):
        filter = fields.Anything(required=False, allow_null=True)
        sample = fields.Whole(required=False, allow_null=True, min_value=1, max_value=10**9)
        max_cost = fields.Anything(required=False, allow_null=True)
        dry_run = fields.Flag(required=False, allow_null=True)

    @promises(body=Body, answer=data_of(BACKFILL))
    def post(self, request: Request, insight_id: str) -> HttpResponse:
        """Run a template on past conversations, within a sample and a budget."""
        body = self.body(self.Body)
        chosen = parse_filter(body.get("filter"))
        try:
            started = services.start_backfill(
                self.actor,
                parse_path_id("insight_id", insight_id),
                filter=chosen,
                sample=body.get("sample"),
                max_cost=parse_money(body.get("max_cost"), "max_cost"),
                dry_run=body.get("dry_run") or False,
            )
        except InvalidRequest as fault:
            raise name_fault(fault, chosen) from fault
        return reply(render_data(describe(started)))


class Backfill(TelnyxView):
    @promises(answer=data_of(BACKFILL))
    def get(self, request: Request, insight_id: str, backfill_id: str) -> HttpResponse:
        """Show how far a backfill has come."""
        get_template(self.actor, parse_path_id("insight_id", insight_id))
        found = get_execution(self.actor, parse_path_id("backfill_id", backfill_id))
        if found.workflow != WORKFLOW:
            raise NotFound("execution not found")
        return reply(render_data(describe(found)))
