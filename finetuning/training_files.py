"""Finding the file that a caller means, and judging it before anything is begun.

Callers name an object as `bucket/path`, by its id, by a path that only one of their buckets has, or
by the name of a bucket whose only `.jsonl` object it is.
"""

import uuid
from typing import Final

from files.contents import local_file
from files.models import Blob, StoredObject
from files.queries import find_stored
from organisations.actor import Actor
from providers.protocols import FinetuningProvider
from vocabulary.errors import InvalidRequest, NotFound
from wire.training_files import read_examples, read_lines

MAX_SIZE: Final = 100 * 1024 * 1024  # bytes
SUFFIX: Final = ".jsonl"


def get_file(actor: Actor, name: str, field: str = "training_file") -> StoredObject:
    """With its bucket and blob. Raises `NotFound`, or `InvalidRequest` at `field` for a name that
    several objects go by."""
    stored = find_stored(actor).select_related("blob", "bucket")
    bucket, _, path = name.partition("/")
    if (exact := stored.filter(bucket__name=bucket, path=path).first()) is not None:
        return exact
    if (by_id := _read_id(name)) is not None:
        found = stored.filter(pk=by_id)
    else:
        found = stored.filter(path=name)
    only = stored.filter(bucket__name=name, path__endswith=SUFFIX)
    candidates = list(found[:2]) or list(only[:2])
    if len(candidates) > 1:
        raise InvalidRequest(field, f"several objects go by '{name}'; name one as bucket/path")
    if not candidates:
        raise NotFound(f"there is no file '{name}'; name it as bucket/path")
    return candidates[0]


def check_file(blob: Blob, trainer: FinetuningProvider, field: str = "training_file") -> int:
    """How many examples it has. Raises `InvalidRequest` at `field` with what is wrong, and where;
    reads the whole file in the calling thread."""
    if blob.size > MAX_SIZE:
        raise InvalidRequest(field, f"has {blob.size} bytes; at most {MAX_SIZE} are taken")
    with local_file(blob) as place:
        with place.open("rb") as file:
            count = sum(1 for _ in read_examples(read_lines(file), field))
        trainer.check_examples(place)
    return count


def _read_id(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
