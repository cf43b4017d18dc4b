"""`GET /files/{token}`: bytes for whoever has the link, until it expires."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from common.db import in_thread
from files import links
from files.queries import get_blob
from surfaces.conditions import PreconditionFailed
from surfaces.downloads import Stored, answer_file
from surfaces.ranges import Unsatisfiable, range_headers
from surfaces.raw import Download
from vocabulary.errors import DomainError, NotFound

STATUSES: Final[dict[type[DomainError], int]] = {
    links.Expired: 410,
    NotFound: 404,
    PreconditionFailed: 412,
    Unsatisfiable: 416,
}


@require_safe
async def signed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        found = await _find(request, token)
    except tuple(STATUSES) as error:
        status = STATUSES[type(error)]
        headers = range_headers(error)
        answer = HttpResponse(error.message, "text/plain; charset=utf-8", status, headers=headers)
        answer._has_been_logged = True  # type: ignore[attr-defined] # a log would keep the token
        return answer
    return StreamingHttpResponse(found.chunks, status=found.status, headers=dict(found.headers))


async def _find(request: HttpRequest, token: str) -> Download:
    link = links.read(token)
    blob = await in_thread(get_blob, link.blob_id)
    file = Stored(
        blob=blob,
        etag=blob.md5,
        content_type=link.content_type,
        filename=link.filename,
        modified=blob.created_at,
    )
    headers = {name.lower(): value for name, value in request.headers.items()}
    return await answer_file(request.method or "GET", headers, file)
