"""Which models may be asked. Surfaces list them from here: they know no providers."""

from organisations.actor import Actor
from providers.models import Power
from providers.queries import ModelView, find_models, get_model

__all__ = ["ModelView", "find_embedding_models", "find_models", "get_default_model", "get_model"]


def find_embedding_models(actor: Actor) -> list[ModelView]:
    return find_models(actor, Power.EMBEDDING)


def get_default_model(actor: Actor, preferred: str = "") -> str:
    """The chat model of a request that names none: `preferred` if it is offered, else the first."""
    names = [model.id for model in find_models(actor, Power.CHAT)]
    if any(name == preferred or name.partition("/")[2] == preferred for name in names):
        return preferred
    return names[0]
