"""The log of webhook deliveries, and sending one again."""

from django.http import HttpResponse
from rest_framework.request import Request

from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import pages
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.deliveries import DELIVERY, render_delivery
from surfaces.telnyx.translate.ids import parse_path_id
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
