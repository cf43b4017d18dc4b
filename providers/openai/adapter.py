"""The adapter of upstreams of the OpenAI format: its codecs joined with the one door out."""

from dataclasses import replace

from providers.calling import fetch, naming
from providers.chatting import Chatting, Embedding
from providers.openai import audio_codec, codec
from providers.openai.finetuning import Finetuning
from providers.protocols import Account, Target
from providers.transcripts import decode_transcription
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse


class OpenAI(Chatting, Embedding, Finetuning):
    """Chats, embeds, speaks, listens and trains."""

    def __init__(self) -> None:
        Chatting.__init__(self, codec)
        Embedding.__init__(self, codec)

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        with naming(target.account):
            reply = await fetch(audio_codec.encode_transcription(request, target), target.account)
            response = decode_transcription(reply.body, target.model)
        return replace(response, served_by=target.account.name)

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        with naming(target.account):
            reply = await fetch(audio_codec.encode_speech(request, target), target.account)
            response = audio_codec.decode_speech(reply, request, target.model)
        return replace(response, served_by=target.account.name)

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        return audio_codec.list_voices(account)
