"""How thoughts that this vendor hides travel through the vocabulary."""

from typing import Final

from providers.hidden import Hidden

HIDDEN: Final = Hidden("redacted_thinking:")
"""Redacted thoughts."""
