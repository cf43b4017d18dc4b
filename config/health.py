"""What probes ask: is the process up, may it get traffic, how does it fare.

The three paths are answered before everything else, so that a probe that comes by address and not
by a known host name gets its answer. They say nothing of any tenant, and are meant for your own
network all the same (docs/operations.md).
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from common.bodies import dump_json
from config.metrics import render_metrics
from config.readiness import find_missing
from vocabulary.json import Json

type View = Callable[[], HttpResponse]


def healthz() -> HttpResponse:
    """The process is up; nothing else is asked."""
    return _json({"status": "ok"})


def readyz() -> HttpResponse:
    """Whether requests may come; 503 with what is missing, and why."""
    missing = find_missing()
    if missing:
        return _json({"status": "unavailable", "missing": dict(missing)}, 503)
    return _json({"status": "ok", "missing": {}})


def metrics() -> HttpResponse:
    return HttpResponse(render_metrics(), CONTENT_TYPE_LATEST)


PROBES: Final[Mapping[str, View]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}


class Probes:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = PROBES.get(request.path)
        if view is None:
            return self._get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view()


def _json(body: Json, status: int = 200) -> HttpResponse:
    return HttpResponse(
        dump_json(body), "application/json", status, headers={"Cache-Control": "no-store"}
    )
