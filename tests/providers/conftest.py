"""Adapters are tested against a real server."""

from tests.fakes.fixtures import sound, upstream

__all__ = ["sound", "upstream"]
