"""Secrets at rest and in hand: the key ring, derived keys, and text whose repr is dots."""

import base64
import secrets
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SEALED = "sealed:"


class Secret:
    """Text that does not show itself: logs, reprs and templates get dots."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(
            self._text.encode(), other._text.encode()
        )

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "••••••"


@cache
def derive(purpose: str, key_id: str) -> bytes:
    """The 32-byte key of one purpose, from the ring's key `key_id` (HKDF-SHA256)."""
    master = settings.ENCRYPTION_KEYS[key_id]
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master)


def newest_key_id() -> str:
    """The ring's first key seals; the others only open what they sealed."""
    return next(iter(settings.ENCRYPTION_KEYS))


def seal(text: str, context: str) -> str:
    """Encrypt with AES-256-GCM, bound to `context`: in another place it does not open."""
    key_id = newest_key_id()
    nonce = secrets.token_bytes(12)
    box = AESGCM(derive("seal", key_id)).encrypt(nonce, text.encode(), context.encode())
    return f"{SEALED}{key_id}:{base64.b64encode(nonce + box).decode()}"


def unseal(sealed: str, context: str) -> str:
    """Decrypt what `seal` made for the same `context`; anything else raises `InvalidTag`."""
    key_id, _, encoded = sealed.removeprefix(SEALED).partition(":")
    box = base64.b64decode(encoded)
    key = AESGCM(derive("seal", key_id))
    return key.decrypt(box[:12], box[12:], context.encode()).decode()
