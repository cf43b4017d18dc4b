"""A page of a list, numbered or by cursor; surfaces render it in their own words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """Page `number` (from 1) of `size` items; `total` counts all items of the list."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNumber:
    """Which page is asked for; checked by the surface against its own bounds."""

    number: int = 1
    size: int = 20

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size
