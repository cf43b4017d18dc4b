"""Which models may be asked. Surfaces list them from here: they know no providers."""

from collections.abc import Collection

from organisations.actor import Actor
from providers.models import Power
from providers.queries import ModelView, find_models, get_model
from vocabulary.errors import ModelNotFound

__all__ = [
    "ModelView",
    "Power",
    "choose_model",
    "find_embedding_models",
    "find_models",
    "get_default_model",
    "get_model",
]


def find_embedding_models(actor: Actor) -> list[ModelView]:
    return find_models(actor, Power.EMBEDDING)


def get_default_model(actor: Actor, preferred: str = "", power: Power = Power.CHAT) -> str:
    """The model of a request that names none: `preferred` if it is offered, else the first.

    Raises `ModelNotFound` where nothing has that power.
    """
    names = [model.id for model in find_models(actor, power)]
    if any(name == preferred or name.partition("/")[2] == preferred for name in names):
        return preferred
    if not names:
        raise ModelNotFound(f"there is no model for {power.label.lower()}")
    return names[0]


def choose_model(actor: Actor, asked: str, power: Power, stand_in_for: Collection[str] = ()) -> str:
    """The model to ask when a request names `asked`, which may be nothing.

    Names in `stand_in_for` are a vendor's own: where no upstream offers them, the default answers
    in their place, and says so in what it is called.
    """
    if asked and asked not in stand_in_for:
        return asked
    return get_default_model(actor, asked, power)
