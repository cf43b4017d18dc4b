"""Models."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vocabulary.json import JsonObject

if TYPE_CHECKING:
    from inference.queries import ModelView


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
