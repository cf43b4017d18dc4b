"""Conversations: list, create, read, change, delete, and our own `end`."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from conversations import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import FILTERS
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.conversations import (
    CONVERSATION,
    name_fault,
    render_conversation,
)
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import data_of, list_of, render_data, render_list
from vocabulary.errors import InvalidRequest


class Conversations(TelnyxView):
    class Body(serializers.Serializer[None]):
        name = fields.Text(required=False, allow_null=True, max_length=500)
        metadata = fields.Mapped(required=False, allow_null=True)

    @promises(answer=list_of(CONVERSATION), query=FILTERS)
    def get(self, request: Request) -> HttpResponse:
        """List conversations, filtered and ordered as PostgREST would.

        A column's value is `operator.operand`, such as `created_at=gte.2025-01-01`; any number of
        columns may be named, `metadata->key` among them. The operators are `eq`, `neq`, `gt`,
        `gte`, `lt`, `lte`, `in`, `is`, `like` and `ilike`, each also after `not.`.
        """
        try:
            found = queries.find_conversations(self.actor, self.query)
        except InvalidRequest as fault:
            raise name_fault(fault) from fault
        return reply(render_list(found, render_conversation))

    @promises(body=Body, answer=CONVERSATION)
    def post(self, request: Request) -> HttpResponse:
        """Create a conversation.

        The one creation of this API that is answered without `data` around it.
        """
        created = services.create_conversation(self.actor, **fields.given(self.body(self.Body)))
        return reply(render_conversation(created))


class Conversation(TelnyxView):
    class Body(serializers.Serializer[None]):
        metadata = fields.Mapped(required=False, allow_null=True)

    @promises(answer=data_of(CONVERSATION))
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """Show a conversation."""
        found = queries.get_conversation(
            self.actor, parse_path_id("conversation_id", conversation_id)
        )
        return reply(render_data(render_conversation(found)))

    @promises(body=Body, answer=data_of(CONVERSATION))
    def put(self, request: Request, conversation_id: str) -> HttpResponse:
        """Replace a conversation's metadata.

        New metadata replace the old ones, or a key could never be taken away.
        """
        changed = services.update_conversation(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            **fields.given(self.body(self.Body)),
        )
        return reply(render_data(render_conversation(changed)))

    @promises()
    def delete(self, request: Request, conversation_id: str) -> HttpResponse:
        """Delete a conversation with its messages and insights."""
        services.delete_conversation(self.actor, parse_path_id("conversation_id", conversation_id))
        return reply()


class End(TelnyxView):
    class Body(serializers.Serializer[None]):
        reason = fields.Text(required=False, allow_null=True, max_length=500)

    @promises(body=Body, answer=data_of(CONVERSATION))
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """End a conversation, which starts its insights."""
        ended = services.end_conversation(
            self.actor,
            parse_path_id("conversation_id", conversation_id),
            note=self.body(self.Body).get("reason") or "",
        )
        return reply(render_data(render_conversation(ended)))
