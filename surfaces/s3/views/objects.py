"""Objects: put, fetched, copied and deleted; and their parts, where they arrive in such."""

from dataclasses import replace
from typing import TYPE_CHECKING

from common.db import in_thread
from files import names, queries, quota, services
from files.spool import Spooled
from files.threads import in_file_thread
from surfaces.conditions import target_check
from surfaces.downloads import answer_file, stored_file
from surfaces.kit import Answer
from surfaces.promises import promises
from surfaces.raw import MOST_BYTES, Download, RawCall
from surfaces.s3.authentication import arrived
from surfaces.s3.errors import NoSuchBucket, NoSuchKey, NotImplementedHere, missing
from surfaces.s3.translate.documents import render_copy
from surfaces.s3.translate.requests import (
    META,
    Place,
    parse_answer_headers,
    parse_directive,
    parse_metadata,
    parse_source,
)
from surfaces.s3.views import uploads
from surfaces.s3.views.expectations import COPY, get_source
from surfaces.s3.views.kit import BY_NAME, DOCUMENT, document, done, place, plain_query, query
from wire.shapes import BYTES, TEXT

if TYPE_CHECKING:
    from files.models import StoredObject


@promises(body=BYTES, takes="application/octet-stream", path=BY_NAME, returns={"ETag": "Of it."})
async def put_object(call: RawCall) -> Answer:
    """Store the body as an object, or copy another that `x-amz-copy-source` names.

    With `uploadId` and `partNumber` in the query, as a part of an upload.
    """
    words = query(call)
    if "uploadId" in words:
        return await uploads.put_part(call, words)
    plain_query(call)
    at = place(call)
    await _check_bucket(call, at.bucket)
    names.check_path(at.key)
    if COPY in call.request.headers:
        return await _copy(call, at)
    room = await in_thread(quota.find_room, call.actor, at.bucket, at.key)
    async with arrived(call, min(room, MOST_BYTES)) as file:
        stored = await in_file_thread(_put, call, at, file)
    return done(etag=f'"{stored.etag}"')


@promises(answer=BYTES, gives="application/octet-stream", path=BY_NAME)
async def get_object(call: RawCall) -> Answer | Download:
    """Fetch an object's bytes, all or a range of them.

    With `uploadId` in the query, the list of the parts of an upload that have arrived.
    """
    words = query(call)
    if "uploadId" in words:
        return await uploads.list_parts(call, words)
    if words.get("partNumber", "1") != "1":
        raise NotImplementedHere("an object cannot be fetched by its parts; ask for a range")
    told = parse_answer_headers(words)
    at = place(call)
    await _check_bucket(call, at.bucket)
    with missing(NoSuchKey):
        stored = await in_thread(queries.get_object, call.actor, at.bucket, at.key)
    metadata = {f"{META}{name}": text for name, text in stored.metadata.items()}
    file = stored_file(stored, metadata)
    download = await answer_file(call.request.method, call.request.headers, file)
    return replace(download, headers={**download.headers, **told})


@promises(path=BY_NAME)
async def head_object(call: RawCall) -> Answer | Download:
    """Learn what fetching an object would bring."""
    return await get_object(call)


@promises(path=BY_NAME)
async def delete_object(call: RawCall) -> Answer:
    """Delete an object, or give up an upload. What is not there counts as deleted."""
    words = query(call)
    if "uploadId" in words:
        return await uploads.abort(call, words)
    plain_query(call)
    at = place(call)
    with missing(NoSuchBucket):
        await in_thread(services.delete_objects, call.actor, at.bucket, [at.key])
    return done(204)


@promises(answer=TEXT, gives=DOCUMENT, body=TEXT, takes=DOCUMENT, path=BY_NAME)
async def post_object(call: RawCall) -> Answer:
    """Begin an upload in parts (`uploads` in the query), or complete one (`uploadId`)."""
    words = query(call)
    if "uploads" in words:
        await _check_bucket(call, place(call).bucket)
        return await uploads.start(call)
    if "uploadId" in words:
        return await uploads.complete(call, words)
    raise NotImplementedHere("forms are not taken here")


async def _check_bucket(call: RawCall, name: str) -> None:
    """Unlike our own routes, this surface makes no bucket by the way."""
    with missing(NoSuchBucket):
        await in_thread(queries.get_bucket, call.actor, name)


def _put(call: RawCall, at: Place, file: Spooled) -> "StoredObject":
    headers = call.request.headers
    return services.put_object(
        call.actor,
        at.bucket,
        at.key,
        file,
        content_type=headers.get("content-type", ""),
        metadata=parse_metadata(headers),
        check=target_check(call.request.headers),
    )


async def _copy(call: RawCall, at: Place) -> Answer:
    headers = call.request.headers
    source = parse_source(headers[COPY])
    is_replaced = parse_directive(headers)
    with missing(NoSuchKey):
        await get_source(call, source)
        stored = await in_thread(
            services.copy_object,
            call.actor,
            source.bucket,
            source.key,
            at.bucket,
            at.key,
            content_type=headers.get("content-type", ""),
            metadata=parse_metadata(headers) if is_replaced else None,
            check=target_check(call.request.headers),
        )
    return document(render_copy(stored))
