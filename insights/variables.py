"""`{{names}}` in a template's instructions, filled from the conversation and the clock.

A conversation's metadata keys are names. So are the four facts below, which callers also know with
a word of their own before them (`acme_current_time`); metadata may carry them either way.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from common import clock
from wire.invisible import visible

NAME = re.compile(r"\{\{\s*([^{}\s]{1,200})\s*\}\}")
CURRENT_TIME = "current_time"
FACTS = (CURRENT_TIME, "conversation_channel", "agent_target", "end_user_target")
UNKNOWN = "unknown"
# A value is a word or a line in an instruction, never an instruction of several lines.
LONGEST = 500


def fill(text: str, metadata: Mapping[str, str], now: datetime) -> str:
    """`text` with each known name replaced; one that nobody knows stays as it is written."""

    def replace(found: re.Match[str]) -> str:
        value = _look_up(found[1], metadata, now)
        return found[0] if value is None else _one_line(value)

    return NAME.sub(replace, text) if "{{" in text else text


def _look_up(name: str, metadata: Mapping[str, str], now: datetime) -> str | None:
    if name in metadata:
        return metadata[name]
    fact = next((fact for fact in FACTS if _says(name, fact)), None)
    if fact is None:
        return None
    if fact == CURRENT_TIME:
        return clock.rfc3339(now)
    return next((value for key, value in metadata.items() if _says(key, fact)), UNKNOWN)


def _says(name: str, fact: str) -> bool:
    return name == fact or name.endswith(f"_{fact}")


def _one_line(value: str) -> str:
    return " ".join(visible(str(value)).split())[:LONGEST]
