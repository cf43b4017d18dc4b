"""Signatures, judged by the reference library and by the public key."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from common import clock
from common.secrets import Secret
from webhooks import signing

BODY = '{"type":"insight.completed","text":"Grüße 🌍"}'.encode()


def headers(*secrets: Secret, body: bytes = BODY) -> dict[str, str]:
    return signing.sign_standard(id="evt-1", timestamp=clock.unix(), body=body, secrets=secrets)


def test_the_reference_library_accepts_our_signature():
    secret = signing.new_secret()
    assert Webhook(secret.reveal()).verify(BODY, headers(secret))["type"] == "insight.completed"


def test_the_published_vector_of_standard_webhooks():
    """The example of the specification's own test suites."""
    signed = signing.sign_standard(
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secrets=[Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_during_a_rotation_both_secrets_verify():
    old, new = signing.new_secret(), signing.new_secret()
    both = headers(new, old)
    for secret in (old, new):
        Webhook(secret.reveal()).verify(BODY, both)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret().reveal()).verify(BODY, both)


def test_another_body_does_not_verify():
    secret = signing.new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret.reveal()).verify(BODY + b" ", headers(secret))


def test_secrets_are_new_have_256_bits_and_hide():
    one, other = signing.new_secret(), signing.new_secret()
    assert one != other
    assert len(base64.b64decode(one.reveal().removeprefix("whsec_"))) == 32
    assert "whsec_" not in f"{one} {one!r}"


def test_ed25519_covers_timestamp_and_body():
    private, public = signing.new_ed25519()
    signature = base64.b64decode(
        signing.sign_ed25519(timestamp=1700000000, body=BODY, key=signing.load_ed25519(private))
    )
    raw = base64.b64decode(public)
    assert (len(raw), len(signature)) == (32, 64)
    judge = Ed25519PublicKey.from_public_bytes(raw)
    judge.verify(signature, b"1700000000|" + BODY)
    with pytest.raises(InvalidSignature):
        judge.verify(signature, b"1700000001|" + BODY)
