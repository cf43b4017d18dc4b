"""Digests beside a body."""

import base64
import hashlib
import zlib

import pytest

from files.spool import spooled_bytes
from surfaces.s3.checksums import BadDigest, check_digest

DATA = b"hello world"
RIGHT = {
    "content-md5": hashlib.md5(DATA).digest(),
    "x-amz-checksum-sha1": hashlib.sha1(DATA).digest(),
    "x-amz-checksum-sha256": hashlib.sha256(DATA).digest(),
    "x-amz-checksum-crc32": zlib.crc32(DATA).to_bytes(4),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_digest_must_be_that_of_the_bytes(name: str):
    with spooled_bytes(DATA) as file:
        check_digest({name: base64.b64encode(RIGHT[name]).decode()}, file)
        for wrong in (base64.b64encode(RIGHT[name][::-1]).decode(), "x", "é", RIGHT[name].hex()):
            with pytest.raises(BadDigest) as refused:
                check_digest({name: wrong}, file)
            assert refused.value.path == name


def test_a_digest_that_is_not_known_is_not_looked_at():
    with spooled_bytes(DATA) as file:
        check_digest({"x-amz-checksum-crc64nvme": "x", "content-md5": ""}, file)
