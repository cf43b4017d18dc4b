"""Models, with all that the newest SDK insists on; `created` is a number, which every SDK takes."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from vocabulary.json import JsonObject
from wire.shapes import FLAG, TEXT, WHOLE, Shape, array, mapping, nullable, record, said, word

if TYPE_CHECKING:
    from inference.queries import ModelView
    from providers.prices import Tariff

TASKS: Final = {
    "chat": "text-generation",
    "embedding": "feature-extraction",
    "speech": "text-to-speech",
    "transcription": "automatic-speech-recognition",
}
_BRIEF: Final[Mapping[str, Shape]] = {
    "id": TEXT,
    "object": word("model"),
    "created": said(WHOLE, "Unix seconds."),
    "owned_by": TEXT,
}
MODELS: Final = record(
    "Models",
    {
        "object": word("list"),
        "data": array(
            record(
                "Model",
                {
                    **_BRIEF,
                    "organization": TEXT,
                    "context_length": WHOLE,
                    "max_completion_tokens": nullable(WHOLE),
                    "languages": array(TEXT),
                    "parameters": WHOLE,
                    "parameters_str": nullable(TEXT),
                    "tier": TEXT,
                    "license": TEXT,
                    "description": TEXT,
                    "task": word(*TASKS.values()),
                    "base_model": said(TEXT, "Of a fine-tuned model, what it was made from."),
                    "is_fine_tunable": FLAG,
                    "is_vision_supported": FLAG,
                    "pricing": said(mapping(TEXT), "USD for a million tokens, as decimal text."),
                    "recommended_for_assistants": FLAG,
                    "regions": array(TEXT),
                    "service_tiers": array(TEXT),
                },
            )
        ),
    },
)
EMBEDDING_MODELS: Final = record(
    "EmbeddingModels",
    {"object": word("list"), "data": array(record("EmbeddingModel", _BRIEF))},
)
_SIZES: Final = (("T", 10**12), ("B", 10**9), ("M", 10**6))


def render_models(models: Iterable["ModelView"]) -> JsonObject:
    return {"object": "list", "data": [_render_model(model) for model in models]}


def render_embedding_models(models: Iterable["ModelView"]) -> JsonObject:
    return {"object": "list", "data": [_render_brief(model) for model in models]}


def _render_brief(model: "ModelView") -> JsonObject:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
    }


def _render_model(model: "ModelView") -> JsonObject:
    """What the catalogue does not know is 0 or empty: a strict client takes no null here."""
    card = model.card
    return {
        **_render_brief(model),
        "organization": model.organisation,
        "context_length": card.context_length,
        "max_completion_tokens": card.max_completion_tokens,
        "languages": list(card.languages),
        "parameters": card.parameters,
        "parameters_str": _render_size(card.parameters),
        "tier": model.tier,
        "license": card.licence,
        "description": card.description,
        "task": TASKS[model.power],
        "base_model": model.base_model,
        "is_fine_tunable": model.is_trainable,
        "is_vision_supported": card.sees_images,
        "pricing": _render_pricing(model.tariff),
        "recommended_for_assistants": False,
        "regions": [],
        "service_tiers": ["default"],
    }


def _render_size(parameters: int) -> str | None:
    """8030000000 is "8B"."""
    for letter, size in _SIZES:
        if parameters >= size:
            return f"{parameters / size:.3g}{letter}"
    return str(parameters) if parameters else None


def _render_pricing(tariff: "Tariff | None") -> JsonObject:
    """Texts, in USD for a million tokens; empty where no price is known."""
    if tariff is None:
        return {}
    prices = {
        "currency": "USD",
        "unit": "1M_tokens",
        "prompt": f"{tariff.prompt:f}",
        "completion": f"{tariff.completion:f}",
    }
    if tariff.cached_prompt is not None:
        prices["cached_prompt"] = f"{tariff.cached_prompt:f}"
    return prices
