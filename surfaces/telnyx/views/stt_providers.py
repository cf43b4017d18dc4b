"""Who transcribes here: the organisation's upstreams, and this server itself."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference.speakers import find_listeners
from surfaces.kit import reply
from surfaces.promises import Parameter, promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.stt_providers import (
    SERVICES,
    STT_PROVIDERS,
    parse_wanted,
    render_stt_providers,
)


class SttProviders(TelnyxView):
    @promises(
        answer=STT_PROVIDERS,
        query=(
            Parameter(name="provider", about="Only the models of this one."),
            Parameter(
                name="service_type",
                about=f"Only models for this: {', '.join(SERVICES)}. All here are for files.",
            ),
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        """List the models that transcribe."""
        wanted = parse_wanted(self.query)
        return reply(render_stt_providers(find_listeners(self.actor), wanted))
