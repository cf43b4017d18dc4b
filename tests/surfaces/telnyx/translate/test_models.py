"""Models with all that the newest SDK insists on."""

from decimal import Decimal
from typing import Any

import pytest

from inference.queries import ModelView
from providers.catalogue import Card
from providers.models import Power
from providers.prices import Tariff
from surfaces.telnyx.translate.models import render_embedding_models, render_models

KNOWN = ModelView(
    id="groq/meta-llama/Llama-3.1-8B",
    owned_by="groq",
    created=1_700_000_000,
    power=Power.CHAT,
    card=Card(
        organisation_name="meta-llama",
        context_length=131072,
        max_completion_tokens=8192,
        parameters=8_030_000_000,
        languages=("en", "de"),
        licence="llama3.1",
        sees_images=True,
        description="A model.",
    ),
    tariff=Tariff(prompt=Decimal("0.05"), completion=Decimal("1.5"), cached_prompt=Decimal("0.01")),
)


def _data(*models: ModelView) -> Any:
    return render_models(models)["data"]


def test_a_model_renders_all_keys_of_the_newest_sdk():
    assert render_models([KNOWN]) == {
        "object": "list",
        "data": [
            {
                "id": "groq/meta-llama/Llama-3.1-8B",
                "object": "model",
                "created": 1_700_000_000,
                "owned_by": "groq",
                "organization": "meta-llama",
                "context_length": 131072,
                "max_completion_tokens": 8192,
                "languages": ["en", "de"],
                "parameters": 8_030_000_000,
                "parameters_str": "8.03B",
                "tier": "small",
                "license": "llama3.1",
                "description": "A model.",
                "task": "text-generation",
                "base_model": "",
                "is_fine_tunable": False,
                "is_vision_supported": True,
                "pricing": {
                    "currency": "USD",
                    "unit": "1M_tokens",
                    "prompt": "0.05",
                    "completion": "1.5",
                    "cached_prompt": "0.01",
                },
                "recommended_for_assistants": False,
                "regions": [],
                "service_tiers": ["default"],
            }
        ],
    }


def test_what_is_not_known_is_empty_and_never_null_where_strict_clients_refuse_it():
    unknown = ModelView(id="a/b", owned_by="a", created=0, power=Power.EMBEDDING)
    [model] = _data(unknown)
    required = ("organization", "context_length", "languages", "parameters", "tier", "license")
    assert all(model[key] is not None for key in required)
    assert model["pricing"] == {}
    assert model["task"] == "feature-extraction"


@pytest.mark.parametrize(
    ("parameters", "size"),
    [(0, None), (500, "500"), (22_700_000, "22.7M"), (70 * 10**9, "70B"), (2 * 10**12, "2T")],
)
def test_sizes_are_said_in_short(parameters: int, size: str | None):
    card = Card(parameters=parameters)
    model = ModelView(id="a/b", owned_by="a", created=0, power=Power.CHAT, card=card)
    [rendered] = _data(model)
    assert rendered["parameters_str"] == size


def test_embedding_models_are_listed_in_brief():
    assert render_embedding_models([KNOWN]) == {
        "object": "list",
        "data": [
            {
                "id": "groq/meta-llama/Llama-3.1-8B",
                "object": "model",
                "created": 1_700_000_000,
                "owned_by": "groq",
            }
        ],
    }
