"""What all surfaces share: what a surface is, its answers, and the base of its ordinary views.

A surface's `urls.py` exports `SURFACE`, `urlpatterns` and `LIVE`; `config/registry.py` gives it a
prefix. Ordinary views are DRF views below; routes that wait for an upstream are in `live.py`.
"""

import functools
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, cast

from django.core.exceptions import TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from common.bodies import dump_json, parse_json
from organisations import idempotency
from organisations.actor import Actor
from organisations.authentication import authenticate, read_token
from vocabulary.errors import (
    DomainError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from vocabulary.json import Json
from wire.shapes import Shape
from wire.sse import HEARTBEAT

log = logging.getLogger(__name__)
ROUTE: Final = "colloquy.route"
"""Where a request's ASGI scope says which route it took, as `path_template` spells it."""
_ARGUMENT: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer. Bytes go out as they are, with the content type in `headers`."""

    status: int = 200
    body: Json | bytes = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else dump_json(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One dialect: where its SDK puts the API key (lower-case header names, in order), how it words
    an error, and what it sends down an open stream when nothing happens (None: nothing).

    `encodings` are those of bodies that it undoes itself. For its document are `title`, the shape
    of an `error` and its `media_type`, and the security `scheme` where it is not the key itself.
    """

    name: str
    key_headers: tuple[str, ...]
    render_error: Callable[[DomainError], Answer]
    heartbeat: str | None = HEARTBEAT
    encodings: frozenset[str] = frozenset({"identity", ""})
    title: str = ""
    error: Shape = field(default_factory=dict)
    media_type: str = "application/json"
    scheme: Shape = field(default_factory=dict)


def reply(
    body: Json = None, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A JSON response; no body at all for None."""
    content = b"" if body is None else dump_json(body)
    return HttpResponse(content, "application/json", status, headers=headers)


class JsonBody(BaseParser):
    """Bounded JSON; an empty body is an empty object, for SDKs announce JSON and send nothing."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read()
        return parse_json(raw) if raw.strip() else {}


class JsonAlways(DefaultContentNegotiation):
    """Answers are JSON, whatever a client says it accepts or a `format` parameter asks for."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class KeyAuthentication(BaseAuthentication):
    """The actor behind the API key, from whichever header the view's surface uses."""

    def authenticate(self, request: Request) -> tuple[Actor, None]:
        surface: Surface = request.parser_context["view"].surface
        headers = {name.lower(): value for name, value in request.headers.items()}
        return authenticate(read_token(headers, surface.key_headers)), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SurfaceView(APIView):
    """A view that reads as a sentence: parse, call, render. Errors are worded by its surface."""

    surface: ClassVar[Surface]
    authentication_classes = [KeyAuthentication]
    parser_classes = [JsonBody]
    content_negotiation_class = JsonAlways

    @property
    def actor(self) -> Actor:
        return cast(Actor, self.request.user)

    def body(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """The request's body as `shape` accepts it; else `InvalidRequest`."""
        if not isinstance(self.request.data, Mapping):
            raise InvalidRequest("", "the body must be a JSON object")
        serializer = shape(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        _name_route(request._request)
        check_path(request.path)
        super().initial(request, *args, **kwargs)
        self.actor.require("read" if request.method in {"GET", "HEAD"} else "write")
        key = request.headers.get("Idempotency-Key")
        post = getattr(self, "post", None)
        if key and post is not None and request.method == "POST":
            # DRF looks the handler up on the instance right after `initial`.
            vars(self)["post"] = functools.partial(self._post_once, key, post)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = domain_error(exc)
        if type(error) is DomainError:
            log.error("unexpected error", exc_info=exc)
        answer = self.surface.render_error(error)
        return HttpResponse(
            answer.encoded(), "application/json", answer.status, headers=dict(answer.headers)
        )

    def _post_once(
        self, key: str, post: Callable[..., HttpResponse], request: Request, **args: Any
    ) -> HttpResponse:
        attempt = idempotency.Attempt(
            actor=self.actor, key=key, route=request.path, payload=_payload(request._request)
        )

        def act() -> idempotency.Kept:
            response = post(request, **args)
            return idempotency.Kept(status=response.status_code, body=response.content)

        kept = idempotency.once(attempt, act)
        headers = {"Idempotent-Replayed": "true"} if kept.is_replay else {}
        return HttpResponse(kept.body, "application/json", kept.status, headers=headers)


def check_path(path: str) -> None:
    """A NUL is in no name of anything, and PostgreSQL takes none: raises `NotFound`."""
    if "\x00" in path:
        raise NotFound("there is nothing at a path with a NUL in it")


@functools.cache
def path_template(route: str) -> str:
    """Django's `ai/models/<str:name>` as `ai/models/{name}`."""
    return _ARGUMENT.sub(r"{\1}", route)


def _name_route(request: HttpRequest) -> None:
    """Tell the door, which passed the request on, where it went. Tests come without a door."""
    scope = getattr(request, "scope", None)
    if scope is not None and request.resolver_match is not None:
        scope[ROUTE] = f"/{path_template(request.resolver_match.route)}"


def unknown_route(surface: Surface) -> Callable[..., HttpResponse]:
    """The last route of every surface: what is not there is missing in the surface's own words."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = surface.render_error(NotFound(f"there is nothing at {request.path}"))
        kind = answer.headers.get("content-type", "application/json")
        return HttpResponse(answer.encoded(), kind, answer.status)

    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def domain_error(exc: Exception) -> DomainError:
    """What `exc` means; a plain `DomainError` for what nobody foresaw."""
    match exc:
        case DomainError():
            return exc
        case exceptions.ValidationError():
            path, message = next(_faults(exc.detail, ""), ("", "invalid"))
            return InvalidRequest(path, message, missing="required" in message)
        case exceptions.MethodNotAllowed():
            return NotAllowed(f"method {exc.args[0] if exc.args else ''} is not allowed here")
        case exceptions.UnsupportedMediaType():
            return UnsupportedMedia(str(exc.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthenticated()
        case exceptions.ParseError():
            return InvalidRequest("", str(exc.detail))
        case Http404():
            return NotFound()
        case TooManyFieldsSent():
            return TooLarge()
        case _:
            return DomainError("unexpected error")


def _faults(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    """DRF's nested faults as (`field[0].name`, message), in order."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")
            yield from _faults(inner, path if name == "non_field_errors" else here)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, path)
    else:
        yield path, str(detail)


def _payload(request: HttpRequest) -> bytes:
    query: str = request.META.get("QUERY_STRING", "")
    return query.encode() + b"\n" + request.body
