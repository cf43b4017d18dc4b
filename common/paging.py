"""A page of a list, numbered or by cursor; surfaces render it in their own words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


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

    def of[U](self, view: Callable[[Sequence[T]], Sequence[U]]) -> "Page[U]":
        """The same page with its items seen in another way."""
        return Page(items=view(self.items), number=self.number, size=self.size, total=self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNumber:
    """Which page is asked for; checked by the surface against its own bounds."""

    number: int = 1
    size: int = 20

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def cut[M: "Model"](self, rows: "QuerySet[M]") -> Page[M]:
        """This page of `rows`, which are in order; two queries."""
        items = list(rows[self.offset : self.offset + self.size])
        return Page(items=items, number=self.number, size=self.size, total=rows.count())
