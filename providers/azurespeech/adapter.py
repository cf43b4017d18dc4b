"""The adapter of Azure Speech."""

from providers.azurespeech import codec
from providers.sounding import SoundAdapter


class AzureSpeech(SoundAdapter):
    """Speaks and listens."""

    def __init__(self) -> None:
        super().__init__(codec)
