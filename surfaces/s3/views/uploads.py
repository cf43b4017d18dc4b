"""Objects that arrive in parts."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from common.db import in_thread
from files import contents, quota
from files import uploads as services
from files.spool import spooled
from files.threads import in_file_thread
from surfaces.conditions import target_check
from surfaces.kit import Answer
from surfaces.ranges import parse_range
from surfaces.raw import MOST_BYTES, RawCall
from surfaces.s3.authentication import arrived, read_all
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
from surfaces.s3.views.expectations import COPY, get_source
from surfaces.s3.views.kit import document, done, place
from vocabulary.errors import InvalidRequest

if TYPE_CHECKING:
    from files.models import Upload

MOST_COMPLETION: Final = 2 * 1024 * 1024
MOST_LISTED: Final = 1000


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
    upload = await _find(call, words)
    number = parse_whole(words, "partNumber", default=0, most=services.MOST_PARTS + 1)
    if not 1 <= number <= services.MOST_PARTS:
        raise InvalidRequest("partNumber", f"must be between 1 and {services.MOST_PARTS}")
    if COPY in call.request.headers:
        return await _copy_part(call, upload.pk, number)
    room = await in_thread(quota.find_room, call.actor, upload.bucket.name, upload.path)
    async with arrived(call, min(room, MOST_BYTES)) as file:
        with missing(NoSuchUpload):
            await in_file_thread(services.put_part, call.actor, upload.pk, number, file)
    return done(etag=f'"{file.md5}"')


async def _copy_part(call: RawCall, upload_id: UUID, number: int) -> Answer:
    headers = call.request.headers
    with missing(NoSuchKey):
        stored = await get_source(call, parse_source(headers[COPY]))
    size = stored.blob.size
    begin, end = 0, size
    if asked := headers.get(f"{COPY}-range"):
        if (part := parse_range(asked, size)) is None:
            raise InvalidRequest(f"{COPY}-range", "must be such as bytes=0-9")
        begin, end = part
    async with spooled(contents.stream(stored.blob, begin, end), most=size) as file:
        with missing(NoSuchUpload):
            copied = await in_file_thread(services.put_part, call.actor, upload_id, number, file)
    return document(render_part_copy(copied))


async def list_parts(call: RawCall, words: dict[str, str]) -> Answer:
    upload = await _find(call, words)
    after = parse_whole(words, "part-number-marker", default=0, most=services.MOST_PARTS)
    most = parse_whole(words, "max-parts", default=MOST_LISTED, most=MOST_LISTED)
    with missing(NoSuchUpload):
        parts = await in_thread(
            services.find_parts, call.actor, upload.pk, after=after, limit=most + 1
        )
    return document(render_parts(place(call).bucket, upload, parts, most))


async def complete(call: RawCall, words: dict[str, str]) -> Answer:
    upload = await _find(call, words)
    parts = parse_completion(await read_all(call, MOST_COMPLETION))
    with missing(NoSuchUpload):
        try:
            stored = await in_file_thread(
                services.complete_upload,
                call.actor,
                upload.pk,
                parts,
                check=target_check(call.request.headers),
            )
        except InvalidRequest as error:
            raise InvalidPart("", error.message) from error
    return document(render_completed(call.request.path, place(call).bucket, stored))


async def abort(call: RawCall, words: dict[str, str]) -> Answer:
    upload = await _find(call, words)
    with missing(NoSuchUpload):
        await in_thread(services.abort_upload, call.actor, upload.pk)
    return done(204)


async def _find(call: RawCall, words: dict[str, str]) -> "Upload":
    """The upload that the query names, if it is one to this bucket and key."""
    at = place(call)
    with missing(NoSuchUpload):
        upload = await in_thread(services.get_upload, call.actor, parse_upload_id(words))
    if (upload.bucket.name, upload.path) != (at.bucket, at.key):
        raise NoSuchUpload("there is no such upload")
    return upload
