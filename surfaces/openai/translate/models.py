"""Models."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from vocabulary.json import JsonObject
from wire.shapes import TEXT, WHOLE, array, record, said, word

if TYPE_CHECKING:
    from inference.queries import ModelView

MODEL: Final = record(
    "Model",
    {
        "id": TEXT,
        "object": word("model"),
        "created": said(WHOLE, "Unix seconds."),
        "owned_by": TEXT,
    },
)
MODELS: Final = record("Models", {"object": word("list"), "data": array(MODEL)})


def render_model(model: "ModelView") -> JsonObject:
    """`created` is Unix seconds."""
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
    }


def render_models(models: Iterable["ModelView"]) -> JsonObject:
    return {"object": "list", "data": [render_model(model) for model in models]}
