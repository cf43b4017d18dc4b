"""Lists a page at a time: `after` names the last element of the page before.

https://platform.openai.com/docs/api-reference/fine-tuning/list
"""

from collections.abc import Mapping, Sequence
from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire.shapes import FLAG, TEXT, Shape, array, nullable, record, word

MOST: Final = 100
USUAL: Final = 20


def page_of(title: str, item: Shape) -> Shape:
    return record(
        title,
        {
            "object": word("list"),
            "data": array(item),
            "first_id": nullable(TEXT),
            "last_id": nullable(TEXT),
            "has_more": FLAG,
        },
    )


def parse_limit(query: Mapping[str, str]) -> int:
    """How many are wanted. Raises `InvalidRequest`."""
    text = query.get("limit") or str(USUAL)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise InvalidRequest("limit", f"must be a whole number from 1 to {MOST}")
    return int(text)


def render_page(items: Sequence[JsonObject], limit: int) -> JsonObject:
    """The first `limit` of what was found, which may be one more."""
    shown = list(items[:limit])
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(items) > limit,
    }
