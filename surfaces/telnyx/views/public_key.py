"""The key that verifies `telnyx-signature-ed25519`."""

from django.http import HttpResponse
from rest_framework.request import Request

from surfaces.kit import reply
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.pages import render_data
from webhooks import services


class PublicKey(TelnyxView):
    def get(self, request: Request) -> HttpResponse:
        """Base64 of the 32 raw bytes, as Telnyx shows it in its portal."""
        return reply(render_data({"public": services.public_key(self.actor)}))
