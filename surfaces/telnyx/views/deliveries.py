"""The log of webhook deliveries, and sending one again."""

from django.http import HttpResponse
from rest_framework.request import Request

from surfaces.kit import reply
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.deliveries import render_delivery
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import parse_page, render_data, render_page
from webhooks import queries, services


class Deliveries(TelnyxView):
    def get(self, request: Request) -> HttpResponse:
        """Newest first."""
        page = queries.find_deliveries(self.actor, parse_page(self.query, smallest=1, largest=100))
        return reply(render_page(page, render_delivery))


class Redeliver(TelnyxView):
    def post(self, request: Request, delivery_id: str) -> HttpResponse:
        delivery = services.redeliver(self.actor, parse_path_id("delivery_id", delivery_id))
        return reply(render_data(render_delivery(delivery)))
