"""What a request expects to be there where it copies from."""

from typing import TYPE_CHECKING, Final

from common.db import in_thread
from files import queries
from surfaces.conditions import PreconditionFailed, State, is_known
from surfaces.raw import RawCall
from surfaces.s3.translate.requests import Place

if TYPE_CHECKING:
    from files.models import StoredObject

COPY: Final = "x-amz-copy-source"


async def get_source(call: RawCall, source: Place) -> "StoredObject":
    """The object, for one who may read. Raises `NotFound`, and `PreconditionFailed` if it is
    not what the headers about the source expect."""
    call.actor.require("read")
    stored = await in_thread(queries.get_object, call.actor, source.bucket, source.key)
    given = {
        name.removeprefix(f"{COPY}-"): text
        for name, text in call.request.headers.items()
        if name.startswith(f"{COPY}-if-")
    }
    if is_known(given, State(stored.etag, stored.updated_at)):
        raise PreconditionFailed
    return stored
