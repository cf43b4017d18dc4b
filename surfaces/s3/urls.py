"""The routes of this surface, below `/s3/`: all of them carry bytes or documents of no JSON, so all
are raw. A method's operation depends on words of the query, which the views look at."""

from collections.abc import Mapping
from typing import Final

from django.urls import re_path

from surfaces.kit import unknown_route
from surfaces.raw import RawHandler, RawRoute
from surfaces.s3.authentication import by_signature
from surfaces.s3.surface import SURFACE
from surfaces.s3.views import buckets, objects

__all__ = ["LIVE", "SURFACE", "urlpatterns"]

_BUCKET: Final = {
    "GET": buckets.get_bucket,
    "HEAD": buckets.head_bucket,
    "PUT": buckets.create_bucket,
    "DELETE": buckets.delete_bucket,
    "POST": buckets.post_bucket,
}
_OBJECT: Final = {
    "GET": objects.get_object,
    "HEAD": objects.head_object,
    "PUT": objects.put_object,
    "DELETE": objects.delete_object,
    "POST": objects.post_object,
}


def _routes(path: str, handlers: Mapping[str, RawHandler]) -> list[RawRoute]:
    return [
        RawRoute(
            method=method,
            path=path,
            handler=handler,
            right="read" if method in {"GET", "HEAD"} else "write",
            authenticate=by_signature,
        )
        for method, handler in handlers.items()
    ]


LIVE: Final = [
    *_routes("", {"GET": buckets.list_buckets}),
    *_routes("{bucket}", _BUCKET),
    *_routes("{bucket}/", _BUCKET),
    *_routes("{bucket}/{*key}", _OBJECT),
]

urlpatterns = [re_path("", unknown_route(SURFACE))]
