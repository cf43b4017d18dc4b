"""The adapter of upstreams that speak the OpenAI format: the codec joined with the one door out."""

from collections.abc import AsyncIterator
from dataclasses import replace

from common import clock, ids
from common.http import StreamingReply, open_stream
from providers.calling import fetch, naming
from providers.openai import audio_codec, codec
from providers.openai.finetuning import Finetuning
from providers.protocols import Account, Target
from providers.replies import decode_error
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Started
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import UpstreamUnavailable
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.streams import explode
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse
from wire.http import Reply

MAX_ERROR_BYTES = 64 * 1024


class OpenAI(Finetuning):
    """Chats, embeds, speaks, listens and trains."""

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        with naming(target.account):
            reply = await fetch(codec.encode_chat(request, target), target.account)
            return _sign(codec.decode_chat(reply.body), target)

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        call = codec.encode_chat(request, target, stream=True)
        with naming(target.account):
            async with open_stream(call) as reply:
                async for event in _read_stream(reply, target):
                    yield _sign(event, target) if isinstance(event, Started) else event

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        with naming(target.account):
            reply = await fetch(codec.encode_embedding(request, target), target.account)
            response = codec.decode_embedding(reply.body)
            if len(response.vectors) != len(request.inputs):
                raise UpstreamUnavailable("the upstream answered with too few or too many vectors")
        model = response.model or target.model
        return replace(response, model=model, served_by=target.account.name)

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        with naming(target.account):
            reply = await fetch(audio_codec.encode_transcription(request, target), target.account)
            response = audio_codec.decode_transcription(reply.body, target.model)
        return replace(response, served_by=target.account.name)

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        with naming(target.account):
            reply = await fetch(audio_codec.encode_speech(request, target), target.account)
            response = audio_codec.decode_speech(reply, request, target.model)
        return replace(response, served_by=target.account.name)

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        return audio_codec.list_voices(account)


async def _read_stream(reply: StreamingReply, target: Target) -> AsyncIterator[ChatEvent]:
    if reply.status != 200:
        error = await _read_all(reply, MAX_ERROR_BYTES)
        raise decode_error(error, target.account.name, clock.now())
    if reply.headers.get("content-type", "").startswith("application/json"):
        whole = await _read_all(reply)  # some servers answer whole although asked to stream
        for event in explode(codec.decode_chat(whole.body)):
            yield event
        return
    decoder = codec.StreamDecoder()
    async for chunk in reply.chunks:
        for event in decoder.feed(chunk):
            yield event
        if decoder.done:
            break
    for event in decoder.close():
        yield event


async def _read_all(reply: StreamingReply, most: int | None = None) -> Reply:
    """The reply with its body; what goes beyond `most` bytes is left unread."""
    body = bytearray()
    async for chunk in reply.chunks:
        body += chunk
        if most is not None and len(body) >= most:
            break
    return Reply(status=reply.status, headers=reply.headers, body=bytes(body))


def _sign[A: (ChatResponse, Started)](answer: A, target: Target) -> A:
    """Says who served it, and fills in what the upstream left out."""
    return replace(
        answer,
        id=answer.id or ids.new("chatcmpl"),
        model=answer.model or target.model,
        created=answer.created or clock.unix(),
        served_by=target.account.name,
    )
