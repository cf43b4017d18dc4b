"""Insight runs of one conversation: their results in short, a run in detail, a new run now."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from insights import queries, services
from insights.reports import describe
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import pages
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.conversations_insights import BRIEF_RUN, RUN, render_run
from surfaces.telnyx.translate.ids import parse_id, parse_path_id
from surfaces.telnyx.translate.pages import data_of, page_of, parse_page, render_data, render_page


class ConversationsInsights(TelnyxView):
    class Body(serializers.Serializer[None]):
        insight_group_id = fields.Text(required=False, allow_null=True)
        insight_ids = serializers.ListField(
            child=fields.Text(), required=False, allow_null=True, min_length=1, max_length=100
        )
        model = fields.Text(required=False, allow_null=True, max_length=200)

    @promises(answer=page_of(BRIEF_RUN), query=pages(1, 100))
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """List a conversation's insight runs, each with its results in short."""
        page = queries.list_runs(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            parse_page(self.query, smallest=1, largest=100),
        )
        return reply(render_page(page, lambda run: render_run(describe(run))))

    @promises(body=Body, answer=data_of(RUN))
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Run insights on a conversation now: a group, or single templates."""
        body = self.body(self.Body)
        group, insights = body.get("insight_group_id"), body.get("insight_ids") or ()
        run = services.run_now(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            group_id=parse_id("insight_group_id", group) if group else None,
            template_ids=[
                parse_id(f"insight_ids[{i}]", insight) for i, insight in enumerate(insights)
            ],
            model=body.get("model") or "",
        )
        return reply(render_data(describe(run)))


class ConversationsInsight(TelnyxView):
    @promises(answer=data_of(RUN))
    def get(self, request: Request, conversation_id: str, run_id: str) -> HttpResponse:
        """Show a run in detail, with the evidence of every field."""
        run = queries.get_run(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            parse_path_id("run_id", run_id),
        )
        return reply(render_data(describe(run)))
