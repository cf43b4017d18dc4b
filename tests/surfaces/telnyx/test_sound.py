"""Transcriptions, speech and voices through the server, with upstreams that are real servers."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from common.db import in_thread
from providers.services import create_provider
from providers.sounds import make_wav
from surfaces.telnyx.views import transcriptions
from tests.fakes.fixtures import sound
from tests.fakes.sound import FakeSound, parts_of
from tests.surfaces.shapes import assert_refused
from tests.surfaces.world import World

__all__ = ["sound"]
LISTEN = "/telnyx/v2/ai/audio/transcriptions"
SPEAK = "/telnyx/v2/text-to-speech/speech"
VOICES = "/telnyx/v2/text-to-speech/voices"
WAV = make_wav(bytes(480), 24_000)
HEARD = {
    "text": "Hello.",
    "duration": 1.5,
    "segments": [{"id": 0, "start": 0.0, "end": 1.5, "text": "Hello."}],
}
DEEP = {
    "metadata": {"duration": 1.5},
    "results": {"channels": [{"alternatives": [{"transcript": "Hello.", "words": []}]}]},
}


@pytest.fixture(autouse=True)
def disk(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
async def call(
    server: httpx.AsyncClient,
    our_world: World,
    sound: FakeSound,
) -> Any:
    """An organisation with an upstream of OpenAI's format and one of Deepgram's."""
    for kind, models in (("openai", ["whisper-1", "tts-1"]), ("deepgram", ["nova-3", "aura-2"])):
        await in_thread(
            create_provider,
            our_world.actor,
            kind=kind,
            name=f"our-{kind}",
            base_url=sound.base_url,
            api_key="k-1",
            models=models,
        )
    sound.say("/v1/audio/transcriptions", HEARD)
    sound.say("/v1/audio/speech", b"mp3!")
    sound.say("/v1/listen", DEEP)
    sound.say("/v1/speak", b"deep")

    async def ask(path: str, *, method: str = "POST", **given: Any) -> httpx.Response:
        return await server.request(method, path, headers=our_world.bearer, **given)

    return ask


def form(*fields: tuple[str, str], file: bytes | None = WAV) -> dict[str, Any]:
    parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in fields]
    if file is not None:
        parts.append(("file", ("upload", file, "application/octet-stream")))
    return {"files": parts}


MODEL = ("model", "our-openai/whisper-1")


# -- transcriptions -----------------------------------------------------------------------------
async def test_a_recording_is_written_down(call: Any, sound: FakeSound):
    answer = await call(LISTEN, **form(MODEL))
    assert (answer.status_code, answer.json()) == (200, {"text": "Hello."}), answer.text
    assert answer.headers["x-served-by"] == "our-openai"
    assert parts_of(sound.calls[0])[-1] == ("file", "recording.wav", WAV)


async def test_verbose_answers_have_times(call: Any):
    fields = (("response_format", "verbose_json"), ("timestamp_granularities[]", "segment"))
    answer = await call(LISTEN, **form(MODEL, *fields))
    assert answer.json() == HEARD


@pytest.mark.parametrize("model", ["distil-whisper/distil-large-v2", "deepgram/nova-3"])
async def test_the_vendors_own_models_are_stood_in_for(model: str, call: Any):
    answer = await call(LISTEN, **form(("model", model)))
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "our-openai")


@pytest.mark.parametrize(
    "config",
    [
        [("model_config[smart_format]", "true"), ("model_config[utterance]", "false")],
        [("model_config", '{"smart_format": true, "utterances": false}')],
    ],
)
async def test_deepgram_is_configured_either_way(
    config: list[tuple[str, str]],
    call: Any,
    sound: FakeSound,
):
    answer = await call(LISTEN, **form(("model", "our-deepgram/nova-3"), *config))
    assert answer.status_code == 200, answer.text
    query = urlsplit(sound.calls[0].path).query
    assert set(query.split("&")) == {"model=nova-3", "smart_format=true", "utterances=false"}


async def test_a_recording_may_be_on_the_web(call: Any, sound: FakeSound):
    sound.say("/hello.wav", WAV, "audio/wav")
    fields = (MODEL, ("file_url", f"{sound.url}/hello.wav"))
    answer = await call(LISTEN, **form(*fields, file=None))
    assert answer.json() == {"text": "Hello."}
    sound.say("/hello.wav", b"", status=404)
    answer = await call(LISTEN, **form(*fields, file=None))
    assert_refused(LISTEN, answer.status_code, answer.json())


BAD: list[tuple[int, dict[str, Any]]] = [
    (422, form()),
    (422, form(("model", " "))),
    (400, form(MODEL, file=None)),
    (400, form(MODEL, ("file_url", "https://x.example/a.wav"))),
    (422, form(MODEL, file=b"")),
    (415, form(MODEL, file=b"%PDF-1.7")),
    (400, form(("model", "no-such-model"))),
    (422, form(("model", "our-openai/tts-1"))),
    (422, form(MODEL, ("response_format", "srt"))),
    (400, form(MODEL, ("timestamp_granularities[]", "segment"))),
    (422, form(MODEL, ("timestamp_granularities[]", "hour"), ("response_format", "verbose_json"))),
    (400, form(MODEL, ("model_config[diarize]", "true"))),
    (422, form(MODEL, ("model_config", "[1"))),
    (422, form(MODEL, ("model_config[diarize]", "maybe"))),
    (422, form(MODEL, ("temperature", "hot"))),
    (422, form(MODEL, ("file_url", "x" * 3000), file=None)),
    (422, form(MODEL, ("file_url", "ftp://x.example/a"), file=None)),
    (422, form(MODEL, ("file_url", "http://10.0.0.1/a"), file=None)),
    (415, {"json": {"model": "x"}}),
]


async def test_what_makes_no_sense_is_refused(call: Any, sound: FakeSound):
    for place, (status, given) in enumerate(BAD):
        answer = await call(LISTEN, **given)
        assert answer.status_code == status, (place, answer.text)
        assert_refused(LISTEN, answer.status_code, answer.json())
        assert not sound.calls, place


async def test_a_file_over_the_limit_is_refused_and_never_held(
    server: httpx.AsyncClient,
    our_world: World,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(transcriptions, "MOST_FILE", 1_000_000)
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(400):
            sent += 1_000_000
            yield bytes(1_000_000)

    headers = our_world.bearer | {"content-type": "multipart/form-data; boundary=b"}
    answer = await server.post(LISTEN, content=body(), headers=headers)
    assert answer.status_code == 413
    assert_refused(LISTEN, 413, answer.json())
    headers["content-length"] = str(200 * 1024 * 1024)
    answer = await server.post(LISTEN, content=b"", headers=headers)
    assert answer.status_code == 413


# -- speech -------------------------------------------------------------------------------------
async def test_speech_is_bytes_unless_told_otherwise(
    call: Any,
    sound: FakeSound,
):
    asked = {"text": "# Hello **you**", "voice": "telnyx.NaturalHD.Nova", "language": "en-US"}
    answer = await call(SPEAK, json={**asked, "telnyx": {"voice_speed": 1.5}})
    assert (answer.status_code, answer.content) == (200, b"mp3!")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["x-served-by"] == "our-openai"
    assert sound.bodies[0] == {
        "model": "tts-1",
        "input": "Hello you",
        "voice": "nova",
        "response_format": "mp3",
        "speed": 1.5,
    }


async def test_speech_as_base64(call: Any):
    answer = await call(SPEAK, json={"text": "Hi", "output_type": "base64_output"})
    assert answer.json() == {"base64_audio": base64.b64encode(b"mp3!").decode()}


async def test_speech_is_kept_under_an_address(
    call: Any, server: httpx.AsyncClient, their_world: World
):
    answer = await call(SPEAK, json={"text": "Hi", "output_type": "audio_id"})
    path = urlsplit(answer.json()["audio_url"]).path
    assert path.startswith(f"{SPEAK}/")
    kept = await call(path, method="GET")
    assert (kept.content, kept.headers["content-type"]) == (b"mp3!", "audio/mpeg")
    assert (await server.get(path)).status_code == 401
    assert (await server.get(path, headers=their_world.bearer)).status_code == 404
    assert (await call(f"{SPEAK}/x", method="GET")).status_code == 422


async def test_a_provider_is_the_organisations_account_of_that_kind(
    call: Any,
    sound: FakeSound,
):
    for asked in ({"voice": "Deepgram.aura-2.zeus-en"}, {"provider": "our-deepgram"}):
        answer = await call(SPEAK, json={"text": "Hi", **asked})
        assert (answer.status_code, answer.content) == (200, b"deep"), answer.text
    assert "model=aura-2-zeus-en" in sound.calls[0].path


NOT_SPOKEN: list[tuple[int, str, dict[str, Any]]] = [
    (422, "10004", {}),
    (422, "10015", {"text": ""}),
    (422, "10015", {"text": "# "}),
    (422, "10015", {"text": "a" * 10_001}),
    (422, "10015", {"text": "a", "output_type": "x"}),
    (422, "10015", {"text": "a", "provider": "telnyx", "telnyx": {"response_format": "x"}}),
    (422, "10015", {"text": "a", "provider": "telnyx", "telnyx": {"sampling_rate": 1}}),
    (422, "10015", {"text": "a", "provider": "telnyx", "telnyx": {"voice_speed": 9}}),
    (422, "10015", {"text": "a", "text_type": "ssml"}),
    (400, "90103", {"text": "a", "voice": "aws.Polly.Generative.Lucia"}),
    (400, "90103", {"text": "a", "provider": "azure"}),
    (400, "90103", {"text": "a", "voice": "nobody.x"}),
]


async def test_what_cannot_be_spoken_is_refused(call: Any):
    for status, code, body in NOT_SPOKEN:
        answer = await call(SPEAK, json=body)
        told = (answer.status_code, answer.json()["errors"][0]["code"])
        assert told == (status, code), (body, answer.text)
        assert_refused(SPEAK, answer.status_code, answer.json())


async def test_an_upstreams_refusal_has_the_documented_code(
    call: Any,
    sound: FakeSound,
):
    sound.say("/v1/audio/speech", {"error": {"message": "no such voice"}}, status=400)
    answer = await call(SPEAK, json={"text": "a"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["detail"]) == (400, "90103", "no such voice")


# -- voices -------------------------------------------------------------------------------------
async def test_voices_of_a_provider(call: Any, sound: FakeSound):
    voice = {"name": "thalia", "canonical_name": "aura-2-thalia-en", "languages": ["en"]}
    sound.say("/v1/models", {"tts": [voice]})
    query = {"provider": "deepgram", "api_key": "secret"}
    answer = await call(VOICES, method="GET", params=query)
    assert answer.json() == {
        "voices": [
            {
                "voice_id": "aura-2-thalia-en",
                "name": "Thalia",
                "provider": "deepgram",
                "language": "en",
                "gender": "",
                "hosted": False,
            }
        ]
    }
    assert "secret" not in json.dumps([call.path for call in sound.calls])


async def test_voices_of_a_provider_without_an_account_are_none(call: Any):
    answer = await call(VOICES, method="GET", params={"provider": "aws"})
    assert (answer.status_code, answer.json()) == (200, {"voices": []})
    answer = await call(VOICES, method="GET", params={"provider": "telnyx"})
    assert {one["provider"] for one in answer.json()["voices"]} == {"openai"}


async def test_more_parameters_than_are_read_are_refused(call: Any):
    answer = await call(VOICES, method="GET", params={f"p{place}": "" for place in range(21)})
    assert answer.status_code == 422


async def test_voices_that_cannot_be_listed_say_why(
    call: Any,
    sound: FakeSound,
):
    answer = await call(VOICES, method="GET", params={"provider": "nobody"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "90104")
    sound.say("/v1/models", {"err_msg": "not you"}, status=403)
    answer = await call(VOICES, method="GET", params={"provider": "deepgram"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "90104")
