"""Adapters are tested against a real server."""

from tests.fakes.fixtures import upstream

__all__ = ["upstream"]
