"""The key that verifies `telnyx-signature-ed25519`."""

from typing import Final

from django.http import HttpResponse
from rest_framework.request import Request

from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.pages import data_of, render_data
from webhooks import services
from wire.shapes import TEXT, record

PUBLIC_KEY: Final = record("PublicKey", {"public": TEXT})


class PublicKey(TelnyxView):
    @promises(answer=data_of(PUBLIC_KEY))
    def get(self, request: Request) -> HttpResponse:
        """Show the key that verifies signatures of webhooks.

        Base64 of the 32 raw bytes, as Telnyx shows it in its portal.
        """
        return reply(render_data({"public": services.public_key(self.actor)}))
