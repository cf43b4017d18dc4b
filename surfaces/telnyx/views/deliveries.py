"""The log of webhook deliveries, and sending one again, or all that were missed for a while."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import pages
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.deliveries import (
    DELIVERY,
    REDELIVERED,
    render_delivery,
    render_redelivered,
)
from surfaces.telnyx.translate.ids import parse_id, parse_path_id
from surfaces.telnyx.translate.pages import data_of, page_of, parse_page, render_data, render_page
from webhooks import queries, services


class Deliveries(TelnyxView):
    @promises(answer=page_of(DELIVERY), query=pages(1, 100))
    def get(self, request: Request) -> HttpResponse:
        """List webhook deliveries, newest first."""
        page = queries.find_deliveries(self.actor, parse_page(self.query, smallest=1, largest=100))
        return reply(render_page(page, render_delivery))


class Redeliver(TelnyxView):
    @promises(answer=data_of(DELIVERY))
    def post(self, request: Request, delivery_id: str) -> HttpResponse:
        """Send a delivery again, with the same id and body."""
        delivery = services.redeliver(self.actor, parse_path_id("delivery_id", delivery_id))
        return reply(render_data(render_delivery(delivery)))


class RedeliverRange(TelnyxView):
    class Body(serializers.Serializer[None]):
        since = serializers.DateTimeField()
        until = serializers.DateTimeField()
        endpoint_id = fields.Text(required=False, allow_null=True)

    @promises(body=Body, answer=data_of(REDELIVERED))
    def post(self, request: Request) -> HttpResponse:
        """Send again all that was missed between two times, to one endpoint or all.

        Missed is what was given up, or held back while its endpoint was disabled.
        """
        body = self.body(self.Body)
        endpoint = body.get("endpoint_id")
        count = services.redeliver_range(
            self.actor,
            since=body["since"],
            until=body["until"],
            endpoint=parse_id("endpoint_id", endpoint) if endpoint else None,
        )
        return reply(render_data(render_redelivered(count)))
