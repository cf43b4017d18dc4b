"""The builtin trainer behind the protocol of all trainers.

It has no memory of its own: `begin` trains to the end and hands over what it made. Begun anew after
a crash, it makes the same again.
"""

from pathlib import Path
from typing import Final

from providers.builtin.tuning.labels import read_labelled
from providers.builtin.tuning.training import train
from providers.protocols import Target
from vocabulary.errors import UpstreamRefused
from vocabulary.finetuning import TuningOrder, TuningState

EPOCHS: Final = 3


class Trainer:
    """Trains classifiers; a mixin of the adapter."""

    def check_examples(self, training: Path) -> None:
        """Raises `InvalidRequest` for what no classifier can be trained on."""
        read_labelled(training)

    async def begin(self, order: TuningOrder, target: Target) -> TuningState:
        trained = await train(order.training, order.validation, order.epochs or EPOCHS)
        return TuningState(
            id=order.key,
            status="succeeded",
            trained_tokens=trained.tokens,
            events=trained.events,
            metrics=trained.metrics,
            weights=trained.head.dump(),
            labels=trained.head.labels,
        )

    async def find(self, key: str, target: Target) -> TuningState | None:
        return None

    async def look(self, job_id: str, target: Target, *, known: str = "") -> TuningState:
        raise UpstreamRefused("builtin trainings end in the call that begins them")

    async def cancel(self, job_id: str, target: Target) -> TuningState:
        return TuningState(id=job_id, status="cancelled")
