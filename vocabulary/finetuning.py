"""What a fine-tuning is: examples in, in the end a model; and how far it is meanwhile."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from vocabulary.json import JsonObject

type TuningStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningOrder:
    """`key` is the same for every attempt at the same job, so that none is begun twice.

    `training` and `validation` are JSONL files of chats on this machine's disk.
    """

    key: str
    model: str
    training: Path
    validation: Path | None = None
    epochs: int | None = None
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningEvent:
    """`data` holds figures such as epoch, loss and accuracy; `key` is its own within the job, so
    that one which is told again is known."""

    message: str
    key: str = ""
    level: Literal["info", "warn", "error"] = "info"
    at: datetime | None = None
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningState:
    """How a job stands. `id` is the provider's name for it, `model` that of what was trained.

    `weights` and `labels` are what a provider without a memory of its own gives us to keep.
    """

    id: str
    status: TuningStatus
    model: str = ""
    trained_tokens: int | None = None
    error: str = ""
    events: tuple[TuningEvent, ...] = ()
    metrics: JsonObject = field(default_factory=dict)
    weights: bytes | None = None
    labels: tuple[str, ...] = ()
