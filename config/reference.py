"""The API reference: one OpenAPI document a surface, and a page to browse them all.

Both are open, for they say nothing that the repository does not. The page needs no network: Swagger
UI's files are served with our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string

from common.bodies import dump_json
from surfaces.kit import Surface
from surfaces.openapi import find_routes, make_document

VERSION: Final = "0.1.0"


@dataclass(frozen=True, slots=True)
class Document:
    """A surface's document as JSON."""

    surface: Surface
    content: bytes


def schema(request: HttpRequest, surface: str) -> HttpResponse:
    document = documents().get(surface)
    if document is None:
        raise Http404
    return HttpResponse(document.content, "application/json")


def docs(request: HttpRequest) -> HttpResponse:
    named = [
        {"name": name, "title": document.surface.title} for name, document in documents().items()
    ]
    return render(request, "config/reference.html", {"surfaces": named})


@cache
def documents() -> Mapping[str, Document]:
    """By the surface's name."""
    made = (_document(prefix, module) for prefix, module in settings.SURFACES.items())
    return {document.surface.name: document for document in made}


def _document(prefix: str, module: str) -> Document:
    surface = import_string(f"{module}.SURFACE")
    routes = find_routes(import_string(f"{module}.LIVE"), import_string(f"{module}.urlpatterns"))
    document = make_document(surface, prefix, list(routes), version=VERSION)
    return Document(surface, dump_json(document))
