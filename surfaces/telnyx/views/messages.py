"""Messages: added by hand (`/message`) and listed (`/messages`)."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from conversations import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import pages
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.messages import (
    LISTED_ROLES,
    MESSAGE,
    parse_message,
    parse_metadata,
    parse_tool_choice,
    render_message,
)
from surfaces.telnyx.translate.pages import page_of, parse_page, render_page


class Message(TelnyxView):
    class Body(serializers.Serializer[None]):
        role = fields.Text()
        content = fields.Text(required=False, allow_null=True)
        name = fields.Text(required=False, allow_null=True, max_length=200)
        sent_at = serializers.DateTimeField(required=False, allow_null=True)
        tool_call_id = fields.Text(required=False, allow_null=True)
        tool_calls = fields.Anything(required=False, allow_null=True)
        tool_choice = fields.Anything(required=False, allow_null=True)
        metadata = fields.Mapped(required=False, allow_null=True)

    @promises(body=Body)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Add a message by hand."""
        body = self.body(self.Body)
        services.add_message(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            message=parse_message(body),
            sent_at=body.get("sent_at"),
            tool_choice=parse_tool_choice(body.get("tool_choice")),
            metadata=parse_metadata(body.get("metadata") or {}),
        )
        return reply()


class Messages(TelnyxView):
    @promises(answer=page_of(MESSAGE), query=pages(1, 100))
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """List messages, oldest first.

        System and developer messages are not Telnyx' to show.
        """
        page = queries.list_messages(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            parse_page(self.query, smallest=1, largest=100),
            roles=LISTED_ROLES,
        )
        return reply(render_page(page, render_message))
