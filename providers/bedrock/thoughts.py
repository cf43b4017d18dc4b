"""How thoughts that this vendor hides travel through the vocabulary."""

from typing import Final

from providers.hidden import Hidden

HIDDEN: Final = Hidden("redactedContent:")
"""Redacted thoughts, in base64."""
