"""Speech and transcriptions with the server's own engines, through both clients."""

import os

import openai
import pytest
from conftest import BASE_URL, make_client

SPEAKER, LISTENER = "builtin/speak", "builtin/listen"


@pytest.fixture(scope="module")
def said(client):
    return client.audio.speech.create(
        model=SPEAKER, voice="alloy", input="The weather is fine today.", response_format="wav"
    ).read()


def test_speech_in_every_format(client, said):
    assert said[:4] == b"RIFF"
    starts = {"mp3": (b"ID3", b"\xff"), "opus": b"OggS", "flac": b"fLaC", "pcm": b""}
    for name, start in starts.items():
        answer = client.audio.speech.create(
            model=SPEAKER, voice="alloy", input="Hi", response_format=name, speed=1.2
        )
        content = answer.read()
        assert len(content) > 1000 and content.startswith(start), name
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(model=SPEAKER, voice="alloy", input="Hi", response_format="aac")
    assert refused.value.param == "response_format"


def test_speech_streamed(client):
    stream = client.audio.speech.with_streaming_response
    with stream.create(model=SPEAKER, voice="alloy", input="Hi") as answer:
        assert sum(len(piece) for piece in answer.iter_bytes()) > 1000


def test_transcriptions_in_every_format(client, said):
    transcribe = client.audio.transcriptions.create
    plain = transcribe(model=LISTENER, file=("said.wav", said))
    assert plain.text and plain.usage.seconds > 0
    for name in ("text", "srt", "vtt"):
        answer = transcribe(model=LISTENER, file=("said.wav", said), response_format=name)
        assert isinstance(answer, str) and answer.strip(), name
    # Segments lack the figures that only one family of models has, so validation is off.
    lax = make_client(_strict_response_validation=False)
    verbose = lax.audio.transcriptions.create(
        model=LISTENER,
        file=("said.wav", said),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["segment"],
    )
    assert verbose.duration > 0 and verbose.segments[0].end > 0
    with pytest.raises(openai.BadRequestError):
        transcribe(model=LISTENER, file=("said.wav", b""))


def test_translations_are_refused(client, said):
    with pytest.raises(openai.BadRequestError):
        client.audio.translations.create(model=LISTENER, file=("said.wav", said))


async def test_the_async_client_speaks_and_listens(said):
    async with openai.AsyncOpenAI(
        base_url=BASE_URL, api_key=os.environ["COLLOQUY_KEY"], max_retries=0
    ) as client:
        spoken = await client.audio.speech.create(model=SPEAKER, voice="alloy", input="Hi")
        assert len(spoken.content) > 1000
        heard = await client.audio.transcriptions.create(model=LISTENER, file=("said.wav", said))
        assert heard.text
