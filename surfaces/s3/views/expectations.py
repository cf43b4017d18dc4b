"""What a request expects to be there: where it copies from, and where it writes to."""

from typing import TYPE_CHECKING, Final

from common.db import in_thread
from files import queries
from files.services import Check
from surfaces.conditions import PreconditionFailed, State, check_write, is_known
from surfaces.raw import RawCall
from surfaces.s3.translate.requests import Place

if TYPE_CHECKING:
    from files.models import StoredObject

COPY: Final = "x-amz-copy-source"


async def find_source(call: RawCall, source: Place) -> "StoredObject":
    """The object, for one who may read. Raises `NotFound`, and `PreconditionFailed` by the headers about the source."""
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


def target_check(call: RawCall) -> Check:
    """Refuses to write unless what is there is what the request's conditions say."""

    def check(there: "StoredObject | None") -> None:
        state = State(there.etag, there.updated_at) if there else None
        check_write(call.request.headers, state)

    return check
