"""Insights over past conversations."""

from surfaces.telnyx.surface import TelnyxView


class Backfills(TelnyxView):
    pass
