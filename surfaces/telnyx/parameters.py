"""The query parameters that this surface's lists take, as its document tells them."""

from typing import Final

from surfaces.promises import Parameter
from surfaces.telnyx.translate.events import LAST_SEQ, MOST
from surfaces.telnyx.translate.pages import DEFAULT_SIZE, LAST_NUMBER
from wire.shapes import UUID, usual, whole

LISTED: Final = "Several are joined by commas."

FEED: Final = (
    Parameter(name="after", shape=usual(whole(0, LAST_SEQ), 0), about="The last known seq."),
    Parameter(name="limit", shape=usual(whole(1, MOST), 100)),
)
FILTERS: Final = (
    Parameter(name="id"),
    Parameter(name="name", about="Such as `ilike.*lamp*`."),
    Parameter(name="created_at", about="Such as `gte.2025-01-01`; repeat it for a range."),
    Parameter(name="last_message_at"),
    Parameter(name="metadata->key", about="Any key of the metadata, such as `eq.+15551234567`."),
    Parameter(name="and", about="`(column.operator.operand,…)`; may hold groups, also negated."),
    Parameter(name="or", about="The same, any of which suffices."),
    Parameter(name="order", about="`column.desc,…`; `created_at.desc` unless told otherwise."),
    Parameter(name="limit", shape=usual(whole(1), 20), about="More than 1000 is 1000."),
    Parameter(name="offset", shape=usual(whole(0, 100_000), 0)),
    Parameter(name="after", shape=UUID, about="The last conversation of the page before."),
)
AGGREGATED: Final = (
    Parameter(
        name="group_by",
        about="`insight_id`, `model`, `day`, `metadata.<key>`, a field of the value as its JSON "
        f"Pointer (`/resolved`), … {LISTED}",
    ),
    Parameter(name="show", about=f"Measures: `rate`, `cost`, `prompt_tokens`, … {LISTED}"),
    Parameter(name="insight_id", shape=UUID),
    Parameter(name="created_at", about=f"Such as `gte.2025-01-01`. {LISTED}"),
    Parameter(name="metadata[key]", about="Only conversations whose metadata say so."),
)


def pages(smallest: int, largest: int) -> tuple[Parameter, ...]:
    """The bounds are those of the size that the list takes."""
    size = usual(whole(smallest, largest), DEFAULT_SIZE)
    return (
        Parameter(name="page[number]", shape=usual(whole(1, LAST_NUMBER), 1)),
        Parameter(name="page[size]", shape=size),
    )
