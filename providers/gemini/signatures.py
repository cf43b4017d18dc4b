"""Signatures of thoughts, and ids of calls, between the vocabulary and this API.

Any part may carry the signature of the thoughts behind it. In the vocabulary it is a `Reasoning`
without words before that part. A model that insists on signatures takes a fixed one for calls that
it did not make, or whose signature got lost on the way through a format that has no place for it.
Calls may come without an id; they get one here, which is not said back.
"""

from typing import Final

from vocabulary.chat import Reasoning

# https://ai.google.dev/gemini-api/docs/thought-signatures
FOREIGN: Final = "skip_thought_signature_validator"
_MADE: Final = "call_unnamed_"


def sign(signature: str) -> Reasoning:
    """What a signature is told as."""
    return Reasoning(text="", signature=signature)


def find_sign(thought: Reasoning) -> str | None:
    """The signature for the part behind this; None for thoughts in words."""
    return None if thought.text else thought.signature


def make_id(response_id: str, choice: int, part: int) -> str:
    """Of a call that came without."""
    return f"{_MADE}{response_id}_{choice}_{part}"


def is_made(call_id: str) -> bool:
    return call_id.startswith(_MADE)
