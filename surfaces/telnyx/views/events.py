"""The catch-up feed: whoever missed webhooks reads here what they said, in order."""

from django.http import HttpResponse
from rest_framework.request import Request

from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import FEED
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.events import EVENTS, LAST_SEQ, MOST, render_events
from surfaces.telnyx.translate.queries import find_integer
from webhooks import queries


class Events(TelnyxView):
    @promises(answer=EVENTS, query=FEED)
    def get(self, request: Request) -> HttpResponse:
        """Read what webhooks announced after a given number, in order."""
        after = find_integer(self.query, "after", default=0, low=0, high=LAST_SEQ)
        limit = find_integer(self.query, "limit", default=100, low=1, high=MOST)
        events = queries.find_events(self.actor, after=after, limit=limit)
        return reply(render_events(events, after=after, limit=limit))
