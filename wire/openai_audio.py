"""Forms that ask for a transcription in the OpenAI format: what every surface reads of them alike.

A form's fields are texts, in the order in which they came; a name may come again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.transcription import Granularity

type Fields = Sequence[tuple[str, str]]

TIMES: Final[Mapping[str, Granularity]] = {"segment": "segment", "word": "word"}
TIMES_NAME: Final = "timestamp_granularities[]"
_TIMES_NAMES: Final = (TIMES_NAME, TIMES_NAME.removesuffix("[]"))


def find_times(form: Fields) -> frozenset[Granularity]:
    """The times that are asked for by name. Raises InvalidRequest."""
    told = [one for name, text in form if name in _TIMES_NAMES for one in text.split(",") if one]
    for one in told:
        if one not in TIMES:
            raise InvalidRequest(TIMES_NAME, f"must be of {', '.join(TIMES)}")
    return frozenset(TIMES[one] for one in told)


def find_temperature(given: Mapping[str, str]) -> float | None:
    """Raises InvalidRequest."""
    text = given.get("temperature")
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InvalidRequest("temperature", "must be a number from 0 to 1")
    return value
