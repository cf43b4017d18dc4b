"""Middleware of our own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common import ids


class RequestIds:
    """Gives each answer the id of its request: the caller's own, if it is a sane one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "X-Request-Id", request.headers.get("X-Request-Id") or ids.new("req")
        )
        return response
