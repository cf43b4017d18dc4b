"""Thoughts that a model's maker hides: opaque data instead of words.

The vocabulary knows thoughts as words with a signature. Hidden ones are no words, and their data
stands where the signature does, behind a mark that no signature begins with.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hidden:
    """`mark` is one vendor's own, so that no other takes its data for words of its own."""

    mark: str

    def hide(self, data: str) -> str:
        """The signature under which hidden thoughts travel."""
        return self.mark + data

    def find(self, signature: str) -> str | None:
        """The data of hidden thoughts; None for the signature of others."""
        return signature.removeprefix(self.mark) if signature.startswith(self.mark) else None
