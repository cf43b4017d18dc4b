"""Numbered pages: `page[number]` and `page[size]` in, `data` and `meta` out.

The SDK asks for `meta.page_number + 1` until `total_pages`, so both must tell the truth or its
iteration never ends.
"""

from collections.abc import Callable, Iterable

from common.paging import Page, PageNumber
from surfaces.telnyx.translate.queries import Query, find_integer
from vocabulary.json import JsonObject
from wire.shapes import WHOLE, Shape, array, record

DEFAULT_SIZE = 20
LAST_NUMBER = 10_000_000
META = record(
    "PageMeta",
    {"page_number": WHOLE, "page_size": WHOLE, "total_pages": WHOLE, "total_results": WHOLE},
)


# -- the shapes of what is rendered below -------------------------------------------------------
def page_of(shape: Shape) -> Shape:
    return record(f"{shape['title']}Page", {"data": array(shape), "meta": META})


def data_of(shape: Shape) -> Shape:
    return record(f"{shape['title']}Data", {"data": shape})


def list_of(shape: Shape) -> Shape:
    return record(f"{shape['title']}List", {"data": array(shape)})


# -- in and out ---------------------------------------------------------------------------------
def parse_page(query: Query, *, smallest: int, largest: int) -> PageNumber:
    """Bounds of the size differ from list to list; out of them is an `InvalidRequest`."""
    return PageNumber(
        number=find_integer(query, "page[number]", default=1, low=1, high=LAST_NUMBER),
        size=find_integer(query, "page[size]", default=DEFAULT_SIZE, low=smallest, high=largest),
    )


def render_page[T](page: Page[T], render: Callable[[T], JsonObject]) -> JsonObject:
    return {
        "data": [render(item) for item in page.items],
        "meta": {
            "page_number": page.number,
            "page_size": page.size,
            "total_pages": page.pages if page.size else 0,
            "total_results": page.total,
        },
    }


def render_data(data: JsonObject) -> JsonObject:
    return {"data": data}


def render_list[T](items: Iterable[T], render: Callable[[T], JsonObject]) -> JsonObject:
    """A list that is never paged: no `meta`."""
    return {"data": [render(item) for item in items]}
