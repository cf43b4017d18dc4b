"""Conversations: list, create, read, change, delete, and our own `end`."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from conversations import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.conversations import name_fault, render_conversation
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import render_data, render_list
from vocabulary.errors import InvalidRequest


class Conversations(TelnyxView):
    class Body(serializers.Serializer[None]):
        name = fields.Text(required=False, allow_null=True, max_length=500)
        metadata = fields.Mapped(required=False, allow_null=True)

    def get(self, request: Request) -> HttpResponse:
        try:
            found = queries.find_conversations(self.actor, self.query)
        except InvalidRequest as fault:
            raise name_fault(fault) from fault
        return reply(render_list(found, render_conversation))

    def post(self, request: Request) -> HttpResponse:
        """The one creation of this API that is answered without `data` around it."""
        created = services.create_conversation(self.actor, **fields.given(self.body(self.Body)))
        return reply(render_conversation(created))


class Conversation(TelnyxView):
    class Body(serializers.Serializer[None]):
        metadata = fields.Mapped(required=False, allow_null=True)

    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        found = queries.get_conversation(
            self.actor, parse_path_id("conversation_id", conversation_id)
        )
        return reply(render_data(render_conversation(found)))

    def put(self, request: Request, conversation_id: str) -> HttpResponse:
        """New metadata replace the old ones, or a key could never be taken away."""
        changed = services.update_conversation(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            **fields.given(self.body(self.Body)),
        )
        return reply(render_data(render_conversation(changed)))

    def delete(self, request: Request, conversation_id: str) -> HttpResponse:
        services.delete_conversation(self.actor, parse_path_id("conversation_id", conversation_id))
        return reply()


class End(TelnyxView):
    class Body(serializers.Serializer[None]):
        reason = fields.Text(required=False, allow_null=True, max_length=500)

    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        ended = services.end_conversation(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            note=self.body(self.Body).get("reason") or "",
        )
        return reply(render_data(render_conversation(ended)))
