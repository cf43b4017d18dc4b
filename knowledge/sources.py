"""Where a file was before it was here: the address of a page that was crawled.

It is kept with the object itself, so it goes where the file goes and is gone when it is replaced.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Final

from files.models import StoredObject

SOURCE: Final = "source-url"
"""What an object's metadata call it."""


def find_urls(
    organisation_id: uuid.UUID, bucket_name: str, paths: Collection[str]
) -> Mapping[str, str]:
    """The addresses of those of these files that have one, by path."""
    rows = StoredObject.objects.for_organisation(organisation_id).filter(
        bucket__name=bucket_name, path__in=paths, metadata__has_key=SOURCE
    )
    return {path: metadata[SOURCE] for path, metadata in rows.values_list("path", "metadata")}
