"""What an API key looks like: `cq_<prefix>_<256 random bits><checksum>`. Pure but for the key ring.

The checksum lets a mistyped key be refused without a look into the database; the hash is keyed, so
that a stolen table cannot be searched for guessed keys.
"""

import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass

from django.conf import settings

from common.secrets import Secret, derive

MARK = "cq"
_SECRET_LENGTH = 43
_CHECKSUM_LENGTH = 8


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A new key: `token` is for the caller's eyes, once; the rest is kept."""

    token: Secret
    prefix: str
    digest: str


def mint() -> MintedKey:
    prefix = secrets.token_hex(4)
    body = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    token = body + _checksum(body)
    return MintedKey(token=Secret(token), prefix=prefix, digest=digests(token)[0])


def is_well_formed(token: str) -> bool:
    """Whether this can be a key of ours at all."""
    length = len(MARK) + 1 + 8 + 1 + _SECRET_LENGTH + _CHECKSUM_LENGTH
    if len(token) != length or not token.startswith(f"{MARK}_"):
        return False
    return hmac.compare_digest(
        _checksum(token[:-_CHECKSUM_LENGTH]).encode(), token[-_CHECKSUM_LENGTH:].encode()
    )


def digests(token: str) -> list[str]:
    """The keyed hashes under which `token` may be stored: one a key of the ring, newest first."""
    return [
        hmac.new(derive("api-keys", key_id), token.encode(), hashlib.sha256).hexdigest()
        for key_id in settings.ENCRYPTION_KEYS
    ]


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
