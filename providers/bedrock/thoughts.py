"""Thoughts that a model's maker hides: opaque data (base64) instead of words.

The vocabulary knows thoughts as words with a signature. Hidden ones are no words, and their data
stands where the signature does, behind a mark that no signature begins with.
"""

from typing import Final

_MARK: Final = "redactedContent:"


def hide(data: str) -> str:
    """The signature under which hidden thoughts travel."""
    return _MARK + data


def find_hidden(signature: str) -> str | None:
    """The data of hidden thoughts; None for the signature of others."""
    return signature.removeprefix(_MARK) if signature.startswith(_MARK) else None
