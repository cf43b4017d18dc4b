"""Buckets and the files in them, sent and fetched as they are, of any length.

Telnyx has these at a separate, S3-compatible address; here they are beside what uses them.
"""

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from rest_framework.request import Request

from common.db import in_thread
from files import names, queries, quota, services
from files.spool import Spooled, spooled
from files.threads import in_file_thread
from surfaces.conditions import target_check
from surfaces.downloads import answer_file, stored_file
from surfaces.kit import Answer, reply
from surfaces.promises import Parameter, promises
from surfaces.raw import MOST_BYTES, Download, RawCall
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.pages import data_of, list_of, render_data, render_list
from surfaces.telnyx.translate.queries import find_integer
from surfaces.telnyx.translate.storage import (
    BUCKET,
    MOST,
    OBJECT,
    OBJECTS,
    parse_digest,
    parse_metadata,
    parse_path,
    parse_place,
    render_bucket,
    render_metadata,
    render_object,
    render_objects,
)
from vocabulary.errors import InvalidRequest
from wire.shapes import BYTES, TEXT, usual, whole

if TYPE_CHECKING:
    from files.models import StoredObject

BY_NAME: Final = {"bucket": TEXT, "path": TEXT}
KNOWN: Final = (
    Parameter(name="If-Match", about="Only if the object has this etag."),
    Parameter(name="If-None-Match", about="Only if it has not; `*`: only if there is none."),
)
LISTED: Final = (
    Parameter(name="prefix", about="How the paths begin."),
    Parameter(name="after", about="The last path of the page before."),
    Parameter(name="limit", shape=usual(whole(1, MOST), 100)),
)


class Buckets(TelnyxView):
    @promises(answer=list_of(BUCKET))
    def get(self, request: Request) -> HttpResponse:
        """List buckets by name."""
        return reply(render_list(queries.find_buckets(self.actor), render_bucket))


class Bucket(TelnyxView):
    @promises(answer=OBJECTS, query=LISTED, path=BY_NAME)
    def get(self, request: Request, bucket: str) -> HttpResponse:
        """List a bucket's objects in the order of their paths."""
        limit = find_integer(self.query, "limit", default=100, low=1, high=MOST)
        rows = queries.find_objects(
            self.actor,
            bucket,
            prefix=parse_place(self.query, "prefix"),
            after=parse_place(self.query, "after"),
            limit=limit + 1,
        )
        return reply(render_objects(rows, bucket, limit=limit))

    @promises(answer=data_of(BUCKET), path=BY_NAME)
    def put(self, request: Request, bucket: str) -> HttpResponse:
        """Make a bucket, unless there is one of this name."""
        return reply(render_data(render_bucket(services.ensure_bucket(self.actor, bucket))))

    @promises(path=BY_NAME)
    def delete(self, request: Request, bucket: str) -> HttpResponse:
        """Delete an empty bucket."""
        services.delete_bucket(self.actor, bucket)
        return reply()


# -- objects ------------------------------------------------------------------------------------
@promises(
    answer=data_of(OBJECT), body=BYTES, takes="application/octet-stream", path=BY_NAME,
    headers=(
        *KNOWN,
        Parameter(name="Content-Type", about="Told to readers; else guessed from the path."),
        Parameter(name="Content-MD5", about="What arrives is compared with it."),
        Parameter(name="X-Meta-*", about="Up to 2 KB of metadata, told to readers."),
    ),
)  # fmt: skip
async def put_object(call: RawCall) -> Answer:
    """Store the body as an object, instead of what was there.

    The bucket is made if need be.
    """
    bucket, path = _place(call)
    names.check_bucket_name(bucket)
    names.check_path(path)
    digest = parse_digest(call.request.headers)
    room = await in_thread(quota.find_room, call.actor, bucket, path)
    async with spooled(call.request.body, most=min(room, MOST_BYTES)) as file:
        if digest not in {"", file.md5}:
            raise InvalidRequest("content-md5", "is not the digest of the bytes that arrived")
        stored = await in_file_thread(_put, call, bucket, path, file)
    return Answer(body=render_data(render_object(stored, bucket)))


@promises(
    answer=BYTES, gives="application/octet-stream", path=BY_NAME,
    headers=(*KNOWN, Parameter(name="Range", about="A part of the bytes: `bytes=0-99`.")),
    returns={
        "ETag": "Of these bytes.",
        "X-Meta-*": "The object's metadata.",
        "Content-Range": "Which part this is, with status 206.",
    },
)  # fmt: skip
async def get_object(call: RawCall) -> Download:
    """Fetch an object's bytes, all or a range of them.

    Status 206 with a part; 304 if `If-None-Match` names the etag; 416 for a range that is not
    there.
    """
    bucket, path = _place(call)
    stored = await in_thread(queries.get_object, call.actor, bucket, path)
    file = stored_file(stored, render_metadata(stored))
    return await answer_file(call.request.method, call.request.headers, file)


@promises(path=BY_NAME, headers=KNOWN, returns={"ETag": "Of the bytes."})
async def head_object(call: RawCall) -> Download:
    """Learn what fetching an object would bring: its size, type, etag and metadata."""
    return await get_object(call)


@promises(path=BY_NAME)
async def delete_object(call: RawCall) -> Answer:
    """Delete an object."""
    await in_thread(services.delete_object, call.actor, *_place(call))
    return Answer(body=b"")


def _place(call: RawCall) -> tuple[str, str]:
    bucket = call.request.path_args["bucket"]
    return bucket, parse_path(call.request.path, bucket)


def _put(call: RawCall, bucket: str, path: str, file: Spooled) -> "StoredObject":
    headers = call.request.headers
    return services.put_object(
        call.actor,
        bucket,
        path,
        file,
        content_type=headers.get("content-type", ""),
        metadata=parse_metadata(headers),
        check=target_check(headers),
    )
