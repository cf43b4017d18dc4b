"""Training sets made of stored conversations. They are ours: Telnyx has none."""

from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json
from wire.shapes import TEXT, UUID, WHOLE, mapping, nullable, record, said, word

PROGRESS: Final = record(
    "TrainingSetProgress",
    {
        "examples": said(WHOLE, "Lines written."),
        "skipped": said(WHOLE, "Conversations whose value is missing, other, or not sure enough."),
        "values": said(mapping(WHOLE), "Examples by the insight's value."),
    },
    required=[],
)
TRAINING_SET: Final = record(
    "TrainingSet",
    {
        "id": UUID,
        "status": word("queued", "running", "waiting", "completed", "failed", "cancelled"),
        "training_file": said(TEXT, "What a fine-tuning job may name."),
        "format": word("labels", "dialogue"),
        "progress": nullable(PROGRESS),
        "error": nullable(TEXT),
    },
)


def parse_confidence(value: Json) -> float:
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise InvalidRequest("min_confidence", "must be a number between 0 and 1")
    return float(value)
