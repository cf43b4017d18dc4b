"""The adapter of Deepgram."""

from providers.deepgram import codec
from providers.sounding import SoundAdapter


class Deepgram(SoundAdapter):
    """Speaks and listens."""

    def __init__(self) -> None:
        super().__init__(codec)
