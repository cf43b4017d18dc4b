"""Insight groups and who belongs to them."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from insights import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.insight_groups import render_group
from surfaces.telnyx.translate.pages import parse_page, render_data, render_page


class InsightGroups(TelnyxView):
    class Body(serializers.Serializer[None]):
        name = fields.Text(max_length=200)
        description = fields.Text(required=False, allow_null=True)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)

    def get(self, request: Request) -> HttpResponse:
        page = queries.list_groups(self.actor, parse_page(self.query, smallest=0, largest=99))
        return reply(render_page(page, render_group))

    def post(self, request: Request) -> HttpResponse:
        created = services.create_group(self.actor, **fields.given(self.body(self.Body)))
        return reply(render_data(render_group(created)))


class InsightGroup(TelnyxView):
    class Body(serializers.Serializer[None]):
        """All optional: what is left out stays as it is."""

        name = fields.Text(required=False, allow_null=True, max_length=200)
        description = fields.Text(required=False, allow_null=True)
        webhook = fields.Text(required=False, allow_null=True, max_length=2000)

    def get(self, request: Request, group_id: str) -> HttpResponse:
        found = queries.get_group(self.actor, parse_path_id("group_id", group_id))
        return reply(render_data(render_group(found)))

    def put(self, request: Request, group_id: str) -> HttpResponse:
        changed = services.update_group(
            self.actor, parse_path_id("group_id", group_id), **fields.given(self.body(self.Body))
        )
        return reply(render_data(render_group(changed)))

    def delete(self, request: Request, group_id: str) -> HttpResponse:
        services.delete_group(self.actor, parse_path_id("group_id", group_id))
        return reply()


class Assign(TelnyxView):
    """Twice is the same as once: a 409 would make the SDK try again."""

    def post(self, request: Request, group_id: str, insight_id: str) -> HttpResponse:
        services.assign(
            self.actor, parse_path_id("group_id", group_id), parse_path_id("insight_id", insight_id)
        )
        return reply()


class Unassign(TelnyxView):
    def delete(self, request: Request, group_id: str, insight_id: str) -> HttpResponse:
        services.unassign(
            self.actor, parse_path_id("group_id", group_id), parse_path_id("insight_id", insight_id)
        )
        return reply()
