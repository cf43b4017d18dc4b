"""What makes this surface itself: where the key comes, how errors read, the base of its views.

Its SDK's reader of streams takes nothing but `data: ` lines, so there are no heartbeats.
"""

from typing import Final

from surfaces.azure.errors import ERROR, render_error
from surfaces.kit import Surface, SurfaceView

SURFACE: Final = Surface(
    name="azure",
    key_headers=("api-key", "authorization"),
    render_error=render_error,
    heartbeat=None,
    title="Azure AI inference",
    error=ERROR,
)


class AzureView(SurfaceView):
    surface = SURFACE
