"""How a delivery is signed. Pure: bytes and keys in, header values out.

`v1` is the symmetric scheme of Standard Webhooks (www.standardwebhooks.com), HMAC-SHA256 over
`{id}.{timestamp}.{body}`. The Ed25519 signature, which some dialects add, is over
`{timestamp}|{body}`. Timestamps are Unix seconds; bodies are the very bytes that are sent.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common.secrets import Secret

PREFIX = "whsec_"


def new_secret() -> Secret:
    """256 random bits, spelled as receivers' libraries expect them."""
    return Secret(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def sign_standard(
    *, id: str, timestamp: int, body: bytes, secrets: Iterable[Secret]
) -> dict[str, str]:
    """The three headers. Each secret gives one signature: during a rotation there are two."""
    signed = f"{id}.{timestamp}.".encode() + body
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_hmac(secret, signed)}" for secret in secrets),
    }


def _hmac(secret: Secret, signed: bytes) -> str:
    key = base64.b64decode(secret.reveal().removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def new_ed25519() -> tuple[Secret, str]:
    """A new pair: the private key's and the public key's 32 raw bytes, in base64."""
    key = Ed25519PrivateKey.generate()
    private = base64.b64encode(key.private_bytes_raw()).decode()
    return Secret(private), base64.b64encode(key.public_key().public_bytes_raw()).decode()


def load_ed25519(private: Secret) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(private.reveal()))


def sign_ed25519(*, timestamp: int, body: bytes, key: Ed25519PrivateKey) -> str:
    """Base64 of the 64-byte signature over `{timestamp}|{body}`."""
    return base64.b64encode(key.sign(f"{timestamp}|".encode() + body)).decode()
