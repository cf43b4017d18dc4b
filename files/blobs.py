"""Bytes in the storage, with the row that knows of them.

The row comes first and goes last, so bytes without a row do not exist. Whoever begins to refer to a
blob touches it in the same transaction (`take`); the sweep takes only what was not touched lately.
"""

import uuid
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from common import clock, ids
from files.models import Blob
from files.spool import Spooled
from vocabulary.errors import NotFound


class _Landing(File):  # type: ignore[type-arg]
    """Django's local storage takes a file with such a path by renaming it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def make_blob(organisation_id: uuid.UUID, spooled: Spooled) -> Blob:
    """Bring the file into the storage. Outside of transactions: it may take long."""
    id = ids.new_uuid()
    name = f"{organisation_id}/{id.hex[-2:]}/{id.hex}"
    blob = Blob.objects.create(pk=id, organisation_id=organisation_id, storage_name=name)
    with _Landing(spooled.path) as content:
        blob.storage_name = default_storage.save(name, content)
    blob.size, blob.sha256, blob.md5 = spooled.size, spooled.sha256, spooled.md5
    blob.is_complete = True
    blob.touched_at = clock.now()
    blob.save()
    return blob


def take(blob_id: uuid.UUID) -> None:
    """Before a new row refers to this blob, in its transaction: now no sweep deletes it."""
    mine = Blob.unscoped.filter(pk=blob_id, is_complete=True)
    if not mine.update(touched_at=clock.now()):
        raise NotFound("these bytes were deleted")


def let_go(blob_ids: list[uuid.UUID]) -> None:
    """Rows no longer refer to these; whoever reads them now still has a while."""
    Blob.unscoped.filter(pk__in=blob_ids).update(touched_at=clock.now())


def delete_blob(blob: Blob) -> None:
    """Its bytes, then its row. For those that nothing refers to."""
    default_storage.delete(blob.storage_name)
    blob.delete()
