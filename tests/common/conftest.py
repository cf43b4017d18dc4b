"""Fakes that the tests of this folder share."""

from tests.fakes.fixtures import sound

__all__ = ["sound"]
