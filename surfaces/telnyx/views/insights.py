"""Insight templates."""

from typing import Any, Final

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from insights import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import pages
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.insights import INSIGHT, parse_schema, render_insight
from surfaces.telnyx.translate.pages import data_of, page_of, parse_page, render_data, render_page

_SCHEMA: Final = "A JSON Schema as an object or as its JSON text; null: the result is text."


class Insights(TelnyxView):
    class Body(serializers.Serializer[None]):
        name = fields.Text(max_length=200)
        instructions = fields.Text()
        json_schema = fields.Anything(required=False, allow_null=True, help_text=_SCHEMA)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)
        model = fields.Text(required=False, allow_null=True, max_length=200)

    @promises(answer=page_of(INSIGHT), query=pages(0, 99))
    def get(self, request: Request) -> HttpResponse:
        """List insight templates."""
        page = queries.list_templates(self.actor, parse_page(self.query, smallest=0, largest=99))
        return reply(render_page(page, render_insight))

    @promises(body=Body, answer=data_of(INSIGHT))
    def post(self, request: Request) -> HttpResponse:
        """Create an insight template."""
        created = services.create_template(self.actor, **_changes(self.body(self.Body)))
        return reply(render_data(render_insight(created)))


class Insight(TelnyxView):
    class Body(serializers.Serializer[None]):
        """All optional: what is left out stays as it is."""

        name = fields.Text(required=False, allow_null=True, max_length=200)
        instructions = fields.Text(required=False, allow_null=True)
        json_schema = fields.Anything(required=False, allow_null=True, help_text=_SCHEMA)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)
        model = fields.Text(required=False, allow_null=True, max_length=200)

    @promises(answer=data_of(INSIGHT))
    def get(self, request: Request, insight_id: str) -> HttpResponse:
        """Show an insight template."""
        found = queries.get_template(self.actor, parse_path_id("insight_id", insight_id))
        return reply(render_data(render_insight(found)))

    @promises(body=Body, answer=data_of(INSIGHT))
    def put(self, request: Request, insight_id: str) -> HttpResponse:
        """Change an insight template; other instructions, schema or model make a new version."""
        changed = services.update_template(
            self.actor, parse_path_id("insight_id", insight_id), **_changes(self.body(self.Body))
        )
        return reply(render_data(render_insight(changed)))

    @promises()
    def delete(self, request: Request, insight_id: str) -> HttpResponse:
        """Delete an insight template; results that it gave stay."""
        services.delete_template(self.actor, parse_path_id("insight_id", insight_id))
        return reply()


def _changes(body: dict[str, Any]) -> dict[str, Any]:
    """What was sent. A `json_schema` of null takes the schema away, so it counts as sent."""
    changes = fields.given(body)
    if "json_schema" in body:
        changes["json_schema"] = parse_schema(body["json_schema"])
    return changes
