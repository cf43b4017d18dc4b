"""What all operations of this surface begin and end with."""

from collections.abc import Mapping
from typing import Final

from surfaces.kit import Answer
from surfaces.raw import RawCall
from surfaces.s3.errors import NotImplementedHere
from surfaces.s3.surface import PREFIX
from surfaces.s3.translate.requests import Place, parse_place, parse_query
from surfaces.s3.translate.xml import XML, Element, spell
from vocabulary.errors import NotAllowed
from wire.shapes import TEXT

BY_NAME: Final = {"bucket": TEXT, "key": TEXT}
DOCUMENT: Final = "application/xml"
_UNKNOWN: Final = frozenset(
    {
        "abac", "accelerate", "acl", "analytics", "append", "attributes", "cors", "encryption",
        "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "logging",
        "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable",
        "metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus",
        "publicAccessBlock", "renameObject", "replication", "requestPayment", "restore",
        "retention", "select", "session", "tagging", "torrent", "versionId", "versions", "website",
    }
)  # fmt: skip
_VIEWS: Final = frozenset({"delete", "location", "partNumber", "uploadId", "uploads", "versioning"})
_PROMISES: Final[Mapping[str, frozenset[str]]] = {
    "x-amz-acl": frozenset({"private", "bucket-owner-full-control"}),
    "x-amz-storage-class": frozenset({"STANDARD"}),
    "x-amz-bucket-object-lock-enabled": frozenset({"false"}),
    **{
        name: frozenset()
        for name in (
            "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp",
            "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-object-lock-legal-hold",
            "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
            "x-amz-rename-source", "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-customer-algorithm", "x-amz-tagging",
            "x-amz-website-redirect-location", "x-amz-write-offset-bytes",
        )
    },
}  # fmt: skip
"""Headers that ask for what is not done here, but for these values."""


def place(call: RawCall) -> Place:
    return parse_place(call.request.path, PREFIX)


def query(call: RawCall) -> dict[str, str]:
    """The query's words; raises `NotImplementedHere` where they or the headers ask for what is not
    kept or done here: whoever asks for encryption must not believe that it was done."""
    words = parse_query(call.request.query)
    if unknown := _UNKNOWN & words.keys():
        raise NotImplementedHere(f"this server keeps no {min(unknown)}")
    for name, taken in _PROMISES.items():
        if call.request.headers.get(name, next(iter(taken), "")) not in taken | {""}:
            raise NotImplementedHere(f"{name} means nothing here")
    return words


def plain_query(call: RawCall) -> dict[str, str]:
    """The same for an operation on a whole bucket or object: what is only a view of one elsewhere
    must not be mistaken for it."""
    words = query(call)
    if others := _VIEWS & words.keys():
        raise NotAllowed(f"{min(others)} is not to be used so")
    return words


def document(root: Element) -> Answer:
    return Answer(body=spell(root), headers=XML)


def done(status: int = 200, **headers: str) -> Answer:
    """Nothing to tell but the headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=b"", headers=named)
