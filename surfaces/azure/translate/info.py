"""What a model is, in the three words that the SDK chooses its client by."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from vocabulary.json import JsonObject
from wire.shapes import TEXT, record

if TYPE_CHECKING:
    from inference.queries import ModelView

INFO: Final = record(
    "ModelInfo", {"model_name": TEXT, "model_type": TEXT, "model_provider_name": TEXT}
)
_TYPES: Final[Mapping[str, str]] = {
    "chat": "chat_completion",
    "embedding": "embeddings",
    "speech": "audio_generation",
    "transcription": "text_generation",
}


def render_info(model: "ModelView") -> JsonObject:
    return {
        "model_name": model.id,
        "model_type": _TYPES[model.power],
        "model_provider_name": model.organisation,
    }
