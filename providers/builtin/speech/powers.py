"""What makes the builtin provider one that speaks and listens."""

from providers.builtin.speech import listen, speak
from providers.protocols import Account, Target
from vocabulary.errors import ModelNotFound
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse

SPEAKER = "speak"
LISTENER = "listen"


class Speech:
    """`SpeechProvider` and `TranscriptionProvider` of `builtin/speak` and `builtin/listen`."""

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        """Raises `ModelNotFound`, and what `speech.speak` does."""
        if target.model != SPEAKER:
            raise ModelNotFound(f"builtin/{target.model} is no builtin speech model")
        return await speak.speak(request, target)

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        return await speak.find_voices()

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        """Raises `ModelNotFound`, and what `speech.listen` does."""
        if target.model != LISTENER:
            raise ModelNotFound(f"builtin/{target.model} is no builtin transcription model")
        return await listen.transcribe(request, target)
