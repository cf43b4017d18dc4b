"""The adapter of ElevenLabs."""

from providers.elevenlabs import codec
from providers.sounding import SoundAdapter


class ElevenLabs(SoundAdapter):
    """Speaks and listens."""

    def __init__(self) -> None:
        super().__init__(codec)
