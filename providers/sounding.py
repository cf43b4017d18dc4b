"""An adapter of sound, made of a codec and the one door out."""

from dataclasses import replace
from typing import Protocol

from providers.calling import fetch, naming
from providers.protocols import Account, Target
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse
from wire.http import HttpCall, Reply


class SoundCodec(Protocol):
    """The pure functions of a vendor's format; usually a module."""

    def encode_transcription(self, request: TranscriptionRequest, target: Target) -> HttpCall: ...

    def decode_transcription(self, body: bytes, model: str) -> TranscriptionResponse: ...

    def encode_speech(self, request: SpeechRequest, target: Target) -> HttpCall: ...

    def decode_speech(self, reply: Reply, request: SpeechRequest, model: str) -> SpeechResponse: ...

    def encode_voices(self, account: Account) -> HttpCall: ...

    def decode_voices(self, body: bytes) -> tuple[Voice, ...]: ...


class SoundAdapter:
    """Speaks and listens."""

    def __init__(self, codec: SoundCodec) -> None:
        self._codec = codec

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        with naming(target.account):
            reply = await fetch(self._codec.encode_transcription(request, target), target.account)
            response = self._codec.decode_transcription(reply.body, target.model)
        return replace(response, served_by=target.account.name)

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        with naming(target.account):
            reply = await fetch(self._codec.encode_speech(request, target), target.account)
            response = self._codec.decode_speech(reply, request, target.model)
        return replace(response, served_by=target.account.name)

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        with naming(account):
            reply = await fetch(self._codec.encode_voices(account), account)
            return self._codec.decode_voices(reply.body)
