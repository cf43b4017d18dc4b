"""What all operations of this surface begin and end with."""

from typing import Final

from surfaces.kit import Answer
from surfaces.raw import RawCall
from surfaces.s3.errors import NotImplementedHere
from surfaces.s3.surface import PREFIX
from surfaces.s3.translate.requests import Place, parse_place, parse_query
from surfaces.s3.translate.xml import XML, Element, spell
from wire.shapes import TEXT

BY_NAME: Final = {"bucket": TEXT, "key": TEXT}
DOCUMENT: Final = "application/xml"
_UNKNOWN: Final = frozenset(
    {
        "accelerate", "acl", "analytics", "cors", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "lifecycle", "logging", "metrics", "notification", "object-lock",
        "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
        "requestPayment", "restore", "retention", "select", "tagging", "torrent", "versionId",
        "versions", "website",
    }
)  # fmt: skip


def place(call: RawCall) -> Place:
    return parse_place(call.request.path, PREFIX)


def query(call: RawCall) -> dict[str, str]:
    """The query's words; raises `NotImplementedHere` for what is not kept of buckets here."""
    words = parse_query(call.request.query)
    if unknown := _UNKNOWN & words.keys():
        raise NotImplementedHere(f"this server keeps no {min(unknown)}")
    return words


def document(root: Element) -> Answer:
    return Answer(body=spell(root), headers=XML)


def done(status: int = 200, **headers: str) -> Answer:
    """Nothing to tell but the headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=b"", headers=named)
