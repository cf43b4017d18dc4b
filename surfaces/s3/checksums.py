"""Digests of a body that a client sends beside it, and that it must have when it is all there."""

import base64
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from vocabulary.errors import InvalidRequest

if TYPE_CHECKING:
    from files.spool import Spooled

PIECE: Final = 1024 * 1024


class BadDigest(InvalidRequest):
    """The digest you specified did not match what we received."""


def check_digest(headers: Mapping[str, str], file: "Spooled") -> None:
    """Compare MD5, SHA-256 and CRC-32 where they were sent; others are not known here, and the
    signature covers the body anyway. Blocks while the file is read for a CRC."""
    _compare(headers, "content-md5", bytes.fromhex(file.md5))
    _compare(headers, "x-amz-checksum-sha256", bytes.fromhex(file.sha256))
    if "x-amz-checksum-crc32" in headers:
        _compare(headers, "x-amz-checksum-crc32", _crc32(file))


def _compare(headers: Mapping[str, str], name: str, digest: bytes) -> None:
    if headers.get(name, "") not in {"", base64.b64encode(digest).decode()}:
        raise BadDigest(name, "is not the digest of the bytes that arrived")


def _crc32(file: "Spooled") -> bytes:
    crc = 0
    with file.path.open("rb") as bytes_:
        while piece := bytes_.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return crc.to_bytes(4)
