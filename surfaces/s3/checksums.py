"""Digests of a body that a client sends beside it, and that it must have when it is all there."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from vocabulary.errors import InvalidRequest

if TYPE_CHECKING:
    from files.spool import Spooled

PIECE: Final = 1024 * 1024


class BadDigest(InvalidRequest):
    """The digest you specified did not match what we received."""


def check_digest(headers: Mapping[str, str], file: "Spooled") -> None:
    """Raises `BadDigest`. Others than these (CRC-32C, CRC-64/NVME) are not known here, and not
    looked at. Blocks while the file is read."""
    for name, find in _DIGESTS.items():
        if headers.get(name) and headers[name] != base64.b64encode(find(file)).decode():
            raise BadDigest(name, "is not the digest of the bytes that arrived")


def _crc32(file: "Spooled") -> bytes:
    crc = 0
    for piece in _pieces(file):
        crc = zlib.crc32(piece, crc)
    return crc.to_bytes(4)


def _sha1(file: "Spooled") -> bytes:
    hash = hashlib.sha1(usedforsecurity=False)
    for piece in _pieces(file):
        hash.update(piece)
    return hash.digest()


def _pieces(file: "Spooled") -> Iterator[bytes]:
    with file.path.open("rb") as bytes_:
        while piece := bytes_.read(PIECE):
            yield piece


_DIGESTS: Final[Mapping[str, Callable[["Spooled"], bytes]]] = {
    "content-md5": lambda file: bytes.fromhex(file.md5),
    "x-amz-checksum-sha256": lambda file: bytes.fromhex(file.sha256),
    "x-amz-checksum-sha1": _sha1,
    "x-amz-checksum-crc32": _crc32,
}
