"""Transcriptions and speech through the server, with an upstream that is a real server."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from common.db import in_thread
from providers.services import create_provider
from providers.sounds import make_wav
from tests.fakes.fixtures import sound
from tests.fakes.sound import FakeSound, parts_of
from tests.surfaces.documents import faults, find_operation, read_document
from tests.surfaces.shapes import assert_refused
from tests.surfaces.world import World

__all__ = ["sound"]
LISTEN = "/openai/v1/audio/transcriptions"
TRANSLATE = "/openai/v1/audio/translations"
SPEAK = "/openai/v1/audio/speech"
WAV = make_wav(bytes(480), 24_000)
HEARD = {
    "text": "Hello. It is <me>.",
    "language": "en",
    "duration": 3723.5,
    "segments": [
        {"id": 0, "start": 0.0, "end": 1.5, "text": " Hello."},
        {"id": 1, "start": 3722.25, "end": 3723.5, "text": "It is\n\n<me>."},
    ],
    "words": [{"word": "Hello", "start": 0.0, "end": 1.0}],
}
MODEL = ("model", "our-openai/whisper-1")
VERBOSE = ("response_format", "verbose_json")
SAID = {"model": "our-openai/tts-1", "input": "Hi", "voice": "alloy"}


@pytest.fixture(autouse=True)
def disk(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
async def call(server: httpx.AsyncClient, our_world: World, sound: FakeSound) -> Any:
    """An organisation with an upstream of this format."""
    await in_thread(
        create_provider,
        our_world.actor,
        kind="openai",
        name="our-openai",
        base_url=sound.base_url,
        api_key="k-1",
        models=["whisper-1", "tts-1"],
    )
    sound.say("/v1/audio/transcriptions", HEARD)
    sound.say("/v1/audio/speech", b"mp3!")

    async def ask(path: str, **given: Any) -> httpx.Response:
        return await server.post(path, headers=our_world.bearer, **given)

    return ask


def form(*fields: tuple[str, str], file: bytes | None = WAV) -> dict[str, Any]:
    parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in fields]
    if file is not None:
        parts.append(("file", ("upload", file, "application/octet-stream")))
    return {"files": parts}


def assert_declared(body: Any) -> None:
    document = read_document("openai")
    content = find_operation(document, "POST", LISTEN)["responses"]["200"]["content"]
    assert list(faults(document, content["application/json"]["schema"], body)) == []


# -- transcriptions -----------------------------------------------------------------------------
async def test_a_recording_is_written_down(call: Any, sound: FakeSound):
    answer = await call(LISTEN, **form(MODEL, ("language", "en")))
    assert answer.json() == {
        "text": HEARD["text"],
        "usage": {"type": "duration", "seconds": 3723.5},
    }
    assert_declared(answer.json())
    assert answer.headers["x-served-by"] == "our-openai"
    assert parts_of(sound.calls[0])[-1] == ("file", "recording.wav", WAV)


async def test_verbose_answers_have_the_times_that_were_asked_for(call: Any):
    both = [("timestamp_granularities[]", each) for each in ("word", "segment")]
    answer = (await call(LISTEN, **form(MODEL, VERBOSE, *both))).json()
    assert_declared(answer)
    assert (answer["task"], answer["language"], answer["duration"]) == ("transcribe", "en", 3723.5)
    assert (answer["segments"], answer["words"]) == (HEARD["segments"], HEARD["words"])
    words = (await call(LISTEN, **form(MODEL, VERBOSE, both[0]))).json()
    assert "segments" not in words and words["words"] == HEARD["words"]
    usual = (await call(LISTEN, **form(MODEL, VERBOSE))).json()
    assert "words" not in usual and usual["segments"] == HEARD["segments"]


SRT = """1
00:00:00,000 --> 00:00:01,500
Hello.

2
01:02:02,250 --> 01:02:03,500
It is <me>.

"""
VTT = """WEBVTT

00:00:00.000 --> 00:00:01.500
Hello.

01:02:02.250 --> 01:02:03.500
It is &lt;me&gt;.

"""


@pytest.mark.parametrize(
    ("name", "text"), [("text", HEARD["text"] + "\n"), ("srt", SRT), ("vtt", VTT)]
)
async def test_an_answer_may_be_text(name: str, text: str, call: Any):
    answer = await call(LISTEN, **form(MODEL, ("response_format", name)))
    assert answer.text == text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_without_segments_all_is_one_subtitle(call: Any, sound: FakeSound):
    sound.say("/v1/audio/transcriptions", {"text": "Hello.", "duration": 1.0})
    answer = await call(LISTEN, **form(MODEL, ("response_format", "srt")))
    assert answer.text == "1\n00:00:00,000 --> 00:00:01,000\nHello.\n\n"


BAD: list[tuple[int, dict[str, Any]]] = [
    (400, form()),
    (400, form(("model", " "))),
    (400, form(("model", "x" * 301))),
    (400, form(MODEL, file=None)),
    (400, form(MODEL, file=b"")),
    (415, form(MODEL, file=b"%PDF-1.7")),
    (404, form(("model", "no-such-model"))),
    (400, form(MODEL, ("response_format", "diarized_json"))),
    (400, form(MODEL, ("stream", "true"))),
    (400, form(MODEL, ("timestamp_granularities[]", "segment"))),
    (400, form(MODEL, VERBOSE, ("timestamp_granularities[]", "hour"))),
    (400, form(MODEL, ("temperature", "hot"))),
    (400, form(MODEL, ("temperature", "nan"))),
    (415, {"json": {"model": "x"}}),
]


async def test_what_makes_no_sense_is_refused(call: Any, sound: FakeSound):
    for place, (status, given) in enumerate(BAD):
        answer = await call(LISTEN, **given)
        assert answer.status_code == status, (place, answer.text)
        assert_refused(LISTEN, answer.status_code, answer.json())
        assert not sound.calls, place


async def test_translations_are_refused_with_a_way_out(call: Any):
    answer = await call(TRANSLATE, **form(MODEL))
    assert answer.status_code == 400
    assert "transcribe one" in answer.json()["error"]["message"]


# -- speech -------------------------------------------------------------------------------------
async def test_speech_is_sound(call: Any, sound: FakeSound):
    told = {"speed": 1.5, "instructions": "Whisper."}
    answer = await call(SPEAK, json={**SAID, **told, "stream_format": "audio"})
    assert (answer.status_code, answer.content) == (200, b"mp3!")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["x-served-by"] == "our-openai"
    assert sound.bodies[0] == {
        "model": "tts-1",
        "input": "Hi",
        "voice": "alloy",
        "response_format": "mp3",
        **told,
    }


@pytest.mark.parametrize(
    ("name", "kind"), [("flac", "audio/flac"), ("wav", "audio/wav"), ("pcm", "audio/pcm")]
)
async def test_the_format_is_told_by_the_content_type(name: str, kind: str, call: Any):
    answer = await call(SPEAK, json={**SAID, "response_format": name})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


async def test_opus_is_ogg(call: Any, sound: FakeSound):
    sound.say("/v1/audio/speech", WAV)
    answer = await call(SPEAK, json={**SAID, "response_format": "opus"})
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.content.startswith(b"OggS")


@pytest.mark.parametrize("voice", ["mine", {"id": "mine"}])
async def test_a_voice_of_another_name_is_passed_on(voice: Any, call: Any, sound: FakeSound):
    assert (await call(SPEAK, json={**SAID, "voice": voice})).status_code == 200
    assert sound.bodies[0]["voice"] == "mine"


NOT_SPOKEN: list[dict[str, Any]] = [
    {"response_format": "aac"},
    {"response_format": "mulaw"},
    {"input": " "},
    {"input": "a" * 4097},
    {"voice": ""},
    {"voice": {"name": "x"}},
    {"voice": {"id": 7}},
    {"speed": 9},
    {"stream_format": "sse"},
    {"model": ""},
    {"model": "our-openai/whisper-1"},
]


async def test_what_cannot_be_spoken_is_refused(call: Any, sound: FakeSound):
    for wrong in NOT_SPOKEN:
        answer = await call(SPEAK, json={**SAID, **wrong})
        assert 400 <= answer.status_code < 500, (wrong, answer.text)
        assert_refused(SPEAK, answer.status_code, answer.json())
    assert not sound.bodies
