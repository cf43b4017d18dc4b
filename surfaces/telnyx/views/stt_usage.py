"""How much was transcribed, at once."""

from typing import Final

from django.http import HttpResponse
from rest_framework.request import Request

from common import clock
from surfaces.kit import reply
from surfaces.promises import Parameter, promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.pages import data_of, render_data
from surfaces.telnyx.translate.stt_usage import USAGE, parse_span, render_usage
from usage.transcribed import find_transcribed

_SPAN: Final = (
    Parameter(name="start_date", about="A date or time; the month's first day by default."),
    Parameter(name="end_date", about="A date or time, included; now by default."),
)


class Usage(TelnyxView):
    @promises(answer=data_of(USAGE), query=_SPAN)
    def get(self, request: Request) -> HttpResponse:
        """Sum up the seconds and the cost of transcriptions, a model at a time."""
        span = parse_span(self.query, clock.now())
        models = find_transcribed(self.actor, span.first, span.until)
        return reply(render_data(render_usage(span, models)))
