"""Insight templates: what is asked of a conversation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from common.bodies import parse_json
from common.clock import rfc3339
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.shapes import OBJECT, TEXT, TIME, UUID, WHOLE, nullable, record, said, word

if TYPE_CHECKING:
    from insights.queries import TemplateView

INSIGHT: Final = record(
    "InsightTemplate",
    {
        "id": UUID,
        "name": TEXT,
        "instructions": TEXT,
        "insight_type": word("default", "custom"),
        "json_schema": nullable(OBJECT),
        "webhook": TEXT,
        "created_at": TIME,
        "version": said(WHOLE, "Rises when the instructions, the schema or the model change."),
        "model": nullable(TEXT),
    },
)


def parse_schema(schema: Json) -> JsonObject | None:
    """A JSON Schema as an object or as its JSON text; null and empty text are none.

    What it says is checked where it is kept.
    """
    if schema is None or schema == "":
        return None
    if isinstance(schema, str):
        schema = _read(schema)
    if isinstance(schema, Mapping):
        return schema
    raise InvalidRequest("json_schema", "must be an object, or the JSON text of one")


def render_insight(template: "TemplateView") -> JsonObject:
    """`version` and `model` are ours: the number of the current wording, and who answers it."""
    return {
        "id": str(template.id),
        "name": template.name,
        "instructions": template.instructions,
        "insight_type": "default" if template.is_managed else "custom",
        "json_schema": template.json_schema,
        "webhook": template.webhook,
        "created_at": rfc3339(template.created_at),
        "version": template.version,
        "model": template.model or None,
    }


def _read(text: str) -> Json:
    try:
        return parse_json(text.encode())
    except InvalidRequest as fault:
        raise InvalidRequest("json_schema", f"is not JSON text: {fault.message}") from fault
