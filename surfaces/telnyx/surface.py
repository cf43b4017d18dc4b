"""What makes this surface itself: where the key comes, how errors read, the base of its views."""

from typing import Final

from django.conf import settings
from django.http import HttpResponse

from surfaces.kit import Surface, SurfaceView
from surfaces.telnyx.errors import ERROR, render_error
from surfaces.telnyx.translate.queries import InvalidQuery, Query
from vocabulary.errors import InvalidRequest

URLS: Final = "surfaces.telnyx.urls"
"""Its name in the plugboard."""
SURFACE = Surface(
    name="telnyx",
    key_headers=("authorization",),
    render_error=render_error,
    title="Telnyx",
    error=ERROR,
)


def public_url(path: str = "") -> str:
    """Where callers find a path of this surface, or the surface itself."""
    prefix = next(prefix for prefix, module in settings.SURFACES.items() if module == URLS)
    return f"{settings.PUBLIC_URL.rstrip('/')}/{prefix}{path}"


class TelnyxView(SurfaceView):
    """A view of this surface. All of them answer 200, creations and deletions too."""

    surface = SURFACE

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Where there is no body, what is invalid stood in the query string."""
        if type(exc) is InvalidRequest and self.request.method == "GET":
            exc = InvalidQuery(exc.path, exc.message)
        return super().handle_exception(exc)

    @property
    def query(self) -> Query:
        query = dict(self.request.GET.lists())
        for name, values in query.items():
            if any("\x00" in text for text in (name, *values)):
                raise InvalidQuery(name, "holds a NUL character")
        return query
