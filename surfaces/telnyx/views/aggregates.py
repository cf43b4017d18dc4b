"""Counts, rates and time series over the results of insights."""

from django.http import HttpResponse
from rest_framework.request import Request

from insights.aggregates import Filter, find_aggregates
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.parameters import AGGREGATED
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.aggregates import AGGREGATES, parse_times
from surfaces.telnyx.translate.ids import parse_query_id
from surfaces.telnyx.translate.queries import find_list, find_members


class Aggregates(TelnyxView):
    @promises(answer=AGGREGATES, query=AGGREGATED)
    def get(self, request: Request) -> HttpResponse:
        """Count results by insight fields, metadata or time.

        Of each conversation and template the newest completed result counts.
        """
        query = self.query
        rows = find_aggregates(
            self.actor,
            group_by=find_list(query, "group_by"),
            show=find_list(query, "show"),
            only=Filter(
                insight_id=parse_query_id(query, "insight_id"),
                metadata=find_members(query, "metadata"),
                created_at=parse_times(query, "created_at"),
            ),
        )
        return reply({"data": rows})
