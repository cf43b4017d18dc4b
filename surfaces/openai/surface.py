"""What makes this surface itself: where the key comes, how errors read, the base of its views."""

from surfaces.kit import Surface, SurfaceView
from surfaces.openai.errors import ERROR, render_error

SURFACE = Surface(
    name="openai",
    key_headers=("authorization",),
    render_error=render_error,
    title="OpenAI",
    error=ERROR,
)


class OpenAIView(SurfaceView):
    surface = SURFACE
