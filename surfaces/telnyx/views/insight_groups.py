"""Insight groups and who belongs to them."""

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
from surfaces.telnyx.translate.insight_groups import GROUP, render_group
from surfaces.telnyx.translate.pages import data_of, page_of, parse_page, render_data, render_page


class InsightGroups(TelnyxView):
    class Body(serializers.Serializer[None]):
        name = fields.Text(max_length=200)
        description = fields.Text(required=False, allow_null=True)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)

    @promises(answer=page_of(GROUP), query=pages(0, 99))
    def get(self, request: Request) -> HttpResponse:
        """List insight groups."""
        page = queries.list_groups(self.actor, parse_page(self.query, smallest=0, largest=99))
        return reply(render_page(page, render_group))

    @promises(body=Body, answer=data_of(GROUP))
    def post(self, request: Request) -> HttpResponse:
        """Create an insight group."""
        created = services.create_group(self.actor, **fields.given(self.body(self.Body)))
        return reply(render_data(render_group(created)))


class InsightGroup(TelnyxView):
    class Body(serializers.Serializer[None]):
        """All optional: what is left out stays as it is."""

        name = fields.Text(required=False, allow_null=True, max_length=200)
        description = fields.Text(required=False, allow_null=True)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)

    @promises(answer=data_of(GROUP))
    def get(self, request: Request, group_id: str) -> HttpResponse:
        """Show an insight group with its templates."""
        found = queries.get_group(self.actor, parse_path_id("group_id", group_id))
        return reply(render_data(render_group(found)))

    @promises(body=Body, answer=data_of(GROUP))
    def put(self, request: Request, group_id: str) -> HttpResponse:
        """Change an insight group."""
        changed = services.update_group(
            self.actor, parse_path_id("group_id", group_id), **fields.given(self.body(self.Body))
        )
        return reply(render_data(render_group(changed)))

    @promises()
    def delete(self, request: Request, group_id: str) -> HttpResponse:
        """Delete an insight group; its templates stay."""
        services.delete_group(self.actor, parse_path_id("group_id", group_id))
        return reply()


class Assign(TelnyxView):
    @promises()
    def post(self, request: Request, group_id: str, insight_id: str) -> HttpResponse:
        """Put a template into a group.

        Twice is the same as once: a 409 would make the SDK try again.
        """
        services.assign(
            self.actor, parse_path_id("group_id", group_id), parse_path_id("insight_id", insight_id)
        )
        return reply()


class Unassign(TelnyxView):
    @promises()
    def delete(self, request: Request, group_id: str, insight_id: str) -> HttpResponse:
        """Take a template out of a group."""
        services.unassign(
            self.actor, parse_path_id("group_id", group_id), parse_path_id("insight_id", insight_id)
        )
        return reply()
