"""The heads of fine-tuned models, read from their rows once a process and kept for a while."""

import uuid
from collections import OrderedDict
from threading import Lock
from typing import Final

from common.db import in_thread
from providers.builtin.tuning.heads import Head
from providers.models import TunedModel
from vocabulary.errors import ModelNotFound

PREFIX: Final = "head-"
KEPT: Final = 64
"""A head of 50 labels takes 77 kB."""

_heads: OrderedDict[str, Head] = OrderedDict()
_lock: Final = Lock()


def spell_id(row_id: uuid.UUID) -> str:
    """The upstream id of a model whose head is kept here. Which organisation may name it, routes
    have decided."""
    return f"{PREFIX}{row_id}"


async def get_head(model: str) -> Head:
    """Raises `ModelNotFound` for one that was deleted meanwhile."""
    with _lock:
        if model in _heads:
            _heads.move_to_end(model)
            return _heads[model]
    head = await in_thread(_load, model)
    with _lock:
        _heads[model] = head
        while len(_heads) > KEPT:
            _heads.popitem(last=False)
    return head


def _load(model: str) -> Head:
    rows = TunedModel.unscoped.filter(upstream_id=model).exclude(weights=None)
    data = rows.values_list("weights", flat=True).first()
    if data is None:
        raise ModelNotFound("this fine-tuned model does not exist any more")
    return Head.load(bytes(data))
