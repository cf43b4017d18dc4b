"""Objects that arrive in parts."""

from typing import Final
from uuid import UUID

from common.db import in_thread
from files import contents, queries, quota
from files import uploads as services
from files.spool import spooled
from files.threads import in_file_thread
from surfaces.kit import Answer
from surfaces.ranges import parse_range
from surfaces.raw import MOST_BYTES, RawCall
from surfaces.s3.authentication import payload, read_all
from surfaces.s3.checksums import check_digest
from surfaces.s3.errors import InvalidPart, NoSuchKey, NoSuchUpload, missing
from surfaces.s3.translate.documents import (
    parse_completion,
    render_completed,
    render_part_copy,
    render_parts,
    render_upload,
)
from surfaces.s3.translate.requests import (
    parse_metadata,
    parse_source,
    parse_upload_id,
    parse_whole,
)
from surfaces.s3.views.kit import document, done, place
from vocabulary.errors import InvalidRequest

MOST_COMPLETION: Final = 2 * 1024 * 1024
COPY: Final = "x-amz-copy-source"


async def start(call: RawCall) -> Answer:
    at = place(call)
    upload = await in_thread(
        services.start_upload,
        call.actor,
        at.bucket,
        at.key,
        content_type=call.request.headers.get("content-type", ""),
        metadata=parse_metadata(call.request.headers),
    )
    return document(render_upload(at.bucket, upload))


async def put_part(call: RawCall, words: dict[str, str]) -> Answer:
    """From the body, or from a range of another object."""
    number = parse_whole(words, "partNumber", default=0, most=services.MOST_PARTS + 1)
    with missing(NoSuchUpload):
        upload = await in_thread(services.get_upload, call.actor, parse_upload_id(words))
    if COPY in call.request.headers:
        return await _copy_part(call, upload.pk, number)
    room = await in_thread(quota.find_room, call.actor, upload.bucket.name, upload.path)
    async with spooled(payload(call), most=min(room, MOST_BYTES)) as file:
        await in_file_thread(check_digest, call.request.headers, file)
        with missing(NoSuchUpload):
            await in_file_thread(services.put_part, call.actor, upload.pk, number, file)
    return done(etag=f'"{file.md5}"')


async def _copy_part(call: RawCall, upload_id: UUID, number: int) -> Answer:
    source = parse_source(call.request.headers[COPY])
    with missing(NoSuchKey):
        stored = await in_thread(queries.get_object, call.actor, source.bucket, source.key)
    size = stored.blob.size
    asked = call.request.headers.get("x-amz-copy-source-range", "")
    begin, end = parse_range(asked, size) or (0, size)
    async with spooled(contents.stream(stored.blob, begin, end), most=size) as file:
        with missing(NoSuchUpload):
            part = await in_file_thread(services.put_part, call.actor, upload_id, number, file)
    return document(render_part_copy(part))


async def list_parts(call: RawCall, words: dict[str, str]) -> Answer:
    with missing(NoSuchUpload):
        upload_id = parse_upload_id(words)
        upload = await in_thread(services.get_upload, call.actor, upload_id)
        after = parse_whole(words, "part-number-marker", default=0, most=services.MOST_PARTS)
        parts = await in_thread(services.find_parts, call.actor, upload_id, after=after)
    return document(render_parts(place(call).bucket, upload, parts))


async def complete(call: RawCall, words: dict[str, str]) -> Answer:
    parts = parse_completion(await read_all(call, MOST_COMPLETION))
    at = place(call)
    with missing(NoSuchUpload):
        upload_id = parse_upload_id(words)
        try:
            stored = await in_file_thread(services.complete_upload, call.actor, upload_id, parts)
        except InvalidRequest as error:
            raise InvalidPart("", error.message) from error
    return document(render_completed(call.request.path, at.bucket, stored))


async def abort(call: RawCall, words: dict[str, str]) -> Answer:
    with missing(NoSuchUpload):
        await in_thread(services.abort_upload, call.actor, parse_upload_id(words))
    return done(204)
