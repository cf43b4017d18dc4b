"""Buckets: listed, made, looked at and deleted; and the lists of what is in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from common.db import in_thread
from files import queries, services, uploads
from surfaces.kit import Answer
from surfaces.promises import promises
from surfaces.raw import RawCall
from surfaces.s3.authentication import read_all
from surfaces.s3.errors import (
    BucketNotEmpty,
    InvalidBucketName,
    NoSuchBucket,
    NotImplementedHere,
    missing,
)
from surfaces.s3.translate.documents import (
    parse_deletion,
    render_buckets,
    render_deleted,
    render_uploads,
)
from surfaces.s3.translate.listings import MOST, gather, parse_wanted, render_listing
from surfaces.s3.translate.requests import parse_whole
from surfaces.s3.translate.xml import Element
from surfaces.s3.views.kit import BY_NAME, DOCUMENT, document, done, place, plain_query, query
from vocabulary.errors import Conflict, InvalidRequest
from wire.shapes import TEXT

if TYPE_CHECKING:
    from files.models import StoredObject

REGION: Final = "us-east-1"
MOST_BYTES: Final = 2 * 1024 * 1024
"""Of the list of keys to delete."""


@promises(answer=TEXT, gives=DOCUMENT)
async def list_buckets(call: RawCall) -> Answer:
    """List buckets."""
    prefix = query(call).get("prefix", "")
    found = await in_thread(queries.find_buckets, call.actor)
    listed = [bucket for bucket in found if bucket.name.startswith(prefix)]
    return document(render_buckets(str(call.actor.organisation_id), listed))


@promises(path=BY_NAME)
async def create_bucket(call: RawCall) -> Answer:
    """Make a bucket, unless there is one of this name."""
    plain_query(call)
    name = place(call).bucket
    try:
        await in_thread(services.ensure_bucket, call.actor, name)
    except InvalidRequest as error:
        raise InvalidBucketName("", error.message) from error
    return done(location=f"/{name}")


@promises(path=BY_NAME)
async def head_bucket(call: RawCall) -> Answer:
    """Learn whether there is a bucket of this name."""
    plain_query(call)
    with missing(NoSuchBucket):
        await in_thread(queries.get_bucket, call.actor, place(call).bucket)
    return done(x_amz_bucket_region=REGION)


@promises(path=BY_NAME)
async def delete_bucket(call: RawCall) -> Answer:
    """Delete an empty bucket."""
    plain_query(call)
    with missing(NoSuchBucket):
        try:
            await in_thread(services.delete_bucket, call.actor, place(call).bucket)
        except Conflict as error:
            raise BucketNotEmpty(error.message) from error
    return done(204)


@promises(answer=TEXT, gives=DOCUMENT, path=BY_NAME)
async def get_bucket(call: RawCall) -> Answer:
    """List a bucket's objects, in either version of the operation.

    With `uploads` in the query, the uploads that are not completed; with `location`, its region.
    """
    words = query(call)
    name = place(call).bucket
    with missing(NoSuchBucket):
        await in_thread(queries.get_bucket, call.actor, name)
        if "location" in words:
            return document(Element("LocationConstraint"))
        if "versioning" in words:
            return document(Element("VersioningConfiguration"))
        if "uploads" in words:
            return await _list_uploads(call, name, words)
        return await in_thread(_list, call, name, words)


async def _list_uploads(call: RawCall, name: str, words: dict[str, str]) -> Answer:
    if words.get("delimiter"):
        raise NotImplementedHere("uploads are not listed by a delimiter")
    most = parse_whole(words, "max-uploads", default=MOST, most=MOST)
    found = await in_thread(
        uploads.find_uploads,
        call.actor,
        name,
        prefix=words.get("prefix", ""),
        after=(words.get("key-marker", ""), words.get("upload-id-marker", "")),
        limit=most + 1,
    )
    return document(render_uploads(name, found, most))


def _list(call: RawCall, name: str, words: dict[str, str]) -> Answer:
    wanted = parse_wanted(words)

    def find(after: str, most: int) -> Sequence["StoredObject"]:
        return queries.find_objects(call.actor, name, prefix=wanted.prefix, after=after, limit=most)

    return document(render_listing(name, wanted, gather(wanted, find)))


@promises(answer=TEXT, gives=DOCUMENT, body=TEXT, takes=DOCUMENT, path=BY_NAME)
async def post_bucket(call: RawCall) -> Answer:
    """Delete many objects: with `delete` in the query, those that the body names."""
    if "delete" not in query(call):
        raise NotImplementedHere("forms are not taken here")
    with missing(NoSuchBucket):
        await in_thread(queries.get_bucket, call.actor, place(call).bucket)
        keys, is_quiet = parse_deletion(await read_all(call, MOST_BYTES))
        await in_thread(services.delete_objects, call.actor, place(call).bucket, keys)
    return document(render_deleted([] if is_quiet else keys))
