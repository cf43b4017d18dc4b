"""The adapters of sound against a real server that answers as the vendors document it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from common.secrets import Secret
from providers.azurespeech.adapter import AzureSpeech
from providers.azurespeech.codec import encode_speech, encode_voices
from providers.deepgram.adapter import Deepgram
from providers.elevenlabs.adapter import ElevenLabs
from providers.openai.adapter import OpenAI
from providers.protocols import Account, SpeechProvider, Target, TranscriptionProvider
from providers.sounds import make_wav
from tests.fakes.sound import FakeSound, parts_of
from vocabulary.errors import (
    Unrepresentable,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamUnavailable,
)
from vocabulary.speech import AudioFormat, SpeechRequest, Voice
from vocabulary.transcription import Recording, TranscriptionRequest

ADAPTERS = {
    "openai": OpenAI(),
    "deepgram": Deepgram(),
    "elevenlabs": ElevenLabs(),
    "azurespeech": AzureSpeech(),
}
WAV = make_wav(bytes(480), 24_000)
PATHS = {
    "openai": ("/v1/audio/transcriptions", "/v1/audio/speech"),
    "deepgram": ("/v1/listen", "/v1/speak"),
    "elevenlabs": ("/v1/speech-to-text", "/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb"),
    "azurespeech": ("/v1/speechtotext/transcriptions:transcribe", "/v1/cognitiveservices/v1"),
}
HEARD: dict[str, Any] = {
    "openai": {
        "task": "transcribe",
        "language": "english",
        "duration": 2.5,
        "text": "Hello there.",
        "segments": [{"id": 0, "seek": 0, "start": 0.0, "end": 2.5, "text": " Hello there."}],
        "words": [{"word": "Hello", "start": 0.0, "end": 0.5}],
        "usage": {"type": "duration", "seconds": 3},
    },
    "deepgram": {
        "metadata": {"request_id": "r", "duration": 2.5, "channels": 1},
        "results": {
            "channels": [
                {
                    "detected_language": "en",
                    "alternatives": [
                        {
                            "transcript": "Hello there.",
                            "confidence": 0.99,
                            "words": [
                                {
                                    "word": "hello",
                                    "start": 0.0,
                                    "end": 0.5,
                                    "confidence": 0.98,
                                    "punctuated_word": "Hello",
                                    "speaker": 1,
                                }
                            ],
                        }
                    ],
                }
            ],
            "utterances": [
                {
                    "start": 0.0,
                    "end": 2.5,
                    "channel": 0,
                    "transcript": "Hello there.",
                    "speaker": 1,
                    "words": [],
                }
            ],
        },
    },
    "elevenlabs": {
        "language_code": "en",
        "language_probability": 0.98,
        "text": "Hello there.",
        "audio_duration_secs": 2.5,
        "words": [
            {"text": "Hello", "start": 0, "end": 0.5, "type": "word", "speaker_id": "speaker_1"},
            {"text": " ", "start": 0.5, "end": 0.6, "type": "spacing", "speaker_id": "speaker_1"},
        ],
    },
    "azurespeech": {
        "durationMilliseconds": 2500,
        "combinedPhrases": [{"text": "Hello there."}],
        "phrases": [
            {
                "speaker": 2,
                "offsetMilliseconds": 0,
                "durationMilliseconds": 2500,
                "text": "Hello there.",
                "words": [{"text": "Hello", "offsetMilliseconds": 0, "durationMilliseconds": 500}],
                "locale": "en-US",
                "confidence": 0.9,
            }
        ],
    },
}
every = pytest.mark.parametrize("kind", ADAPTERS)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "x"
    path.write_bytes(WAV)
    return Recording(path=path, name="secret name.exe", media_type="audio/wav", size=len(WAV))


def target(sound: FakeSound, kind: str, model: str = "m-1", **options: Any) -> Target:
    account = Account(
        name="acme", kind=kind, base_url=sound.base_url, api_key=Secret("k-1"), options=options
    )
    return Target(account=account, model=model)


def query(sound: FakeSound) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(sound.calls[-1].path).query))


def speech(**asked: Any) -> SpeechRequest:
    return SpeechRequest(model="acme/m-1", text="Hello & <bye>", **asked)


# -- what all of them do ------------------------------------------------------------------------
@every
def test_they_speak_and_listen(kind: str):
    assert isinstance(ADAPTERS[kind], SpeechProvider)
    assert isinstance(ADAPTERS[kind], TranscriptionProvider)


@every
async def test_a_transcription(kind: str, sound: FakeSound, recording: Recording):
    sound.say(PATHS[kind][0], HEARD[kind])
    request = TranscriptionRequest(
        model="acme/m-1", recording=recording, language="en-US", granularities={"segment", "word"}
    )
    heard = await ADAPTERS[kind].transcribe(request, target(sound, kind))
    assert (heard.text, heard.duration) == ("Hello there.", 2.5)
    assert (heard.model, heard.served_by) == ("m-1", "acme")
    assert heard.language is not None
    (said,) = heard.words
    assert (said.text, said.start, said.end) == ("Hello", 0.0, 0.5)
    for segment in heard.segments:
        assert (segment.text.strip(), segment.end) == ("Hello there.", 2.5)
    assert bool(heard.segments) == (kind != "elevenlabs")
    (call,) = sound.calls
    assert WAV in call.body
    assert b"secret name" not in call.body
    assert "k-1" in str(call.headers)


@every
async def test_an_answer_of_another_shape_is_the_upstreams_fault(
    kind: str, sound: FakeSound, recording: Recording
):
    request = TranscriptionRequest(model="acme/m-1", recording=recording)
    for odd in (b"not json", b"[]", b"{}", b'{"text": 7, "results": 7, "combinedPhrases": 7}'):
        sound.say(PATHS[kind][0], odd, "application/json")
        with pytest.raises(UpstreamUnavailable) as failed:
            await ADAPTERS[kind].transcribe(request, target(sound, kind))
        assert failed.value.provider == "acme"


@every
@pytest.mark.parametrize(
    ("status", "error"),
    [(400, UpstreamRefused), (401, UpstreamRefused), (429, UpstreamRateLimited)],
)
async def test_errors_keep_their_meaning_and_never_the_key(
    kind: str, status: int, error: type, sound: FakeSound
):
    errors: dict[str, Any] = {
        "openai": {"error": {"message": "no such voice k-1" if status == 401 else "no such voice"}},
        "deepgram": {"err_code": "X", "err_msg": "no such voice", "request_id": "r"},
        "elevenlabs": {"detail": {"status": "voice_not_found", "message": "no such voice"}},
        "azurespeech": {"error": {"code": "BadRequest", "message": "no such voice"}},
    }
    sound.say(PATHS[kind][1], errors[kind], status=status)
    with pytest.raises(error) as failed:
        await ADAPTERS[kind].speak(speech(), target(sound, kind))
    assert "k-1" not in failed.value.message
    assert status == 401 or failed.value.message == "no such voice"


@every
async def test_an_answer_without_sound_is_none(kind: str, sound: FakeSound):
    for body in (b"", {"detail": "later"}):
        sound.say(PATHS[kind][1], body)
        with pytest.raises(UpstreamUnavailable, match="without sound"):
            await ADAPTERS[kind].speak(speech(), target(sound, kind))


SPOKEN: list[tuple[str, AudioFormat, int | None, tuple[AudioFormat, int]]] = [
    ("openai", "mp3", None, ("mp3", 0)),
    ("openai", "pcm", None, ("pcm", 24_000)),
    ("openai", "pcm", 8_000, ("wav", 24_000)),
    ("openai", "mulaw", None, ("wav", 24_000)),
    ("openai", "ogg", None, ("wav", 24_000)),
    ("deepgram", "mulaw", None, ("mulaw", 8_000)),
    ("deepgram", "mulaw", 44_100, ("wav", 24_000)),
    ("deepgram", "wav", 22_050, ("wav", 24_000)),
    ("deepgram", "pcm", 16_000, ("pcm", 16_000)),
    ("elevenlabs", "alaw", None, ("alaw", 8_000)),
    ("elevenlabs", "pcm", 44_100, ("pcm", 44_100)),
    ("elevenlabs", "wav", None, ("wav", 24_000)),
    ("elevenlabs", "mulaw", 16_000, ("wav", 16_000)),
    ("azurespeech", "mulaw", 8_000, ("mulaw", 8_000)),
    ("azurespeech", "pcm", 11_025, ("wav", 16_000)),
    ("azurespeech", "mp3", None, ("mp3", 24_000)),
]


@pytest.mark.parametrize(("kind", "wanted", "rate", "spoken"), SPOKEN)
async def test_what_an_upstream_cannot_speak_comes_as_wav(
    kind: str,
    wanted: AudioFormat,
    rate: int | None,
    spoken: tuple[AudioFormat, int],
    sound: FakeSound,
):
    content = WAV if spoken[0] == "wav" and kind != "elevenlabs" else b"sound!"
    sound.say(PATHS[kind][1], content)
    said = await ADAPTERS[kind].speak(speech(format=wanted, sample_rate=rate), target(sound, kind))
    assert said.format == spoken[0]
    if kind not in ("deepgram", "openai", "azurespeech") or spoken[0] != "wav":
        assert said.sample_rate == spoken[1]
    assert content in said.audio
    assert said.audio.startswith(b"RIFF") == (spoken[0] == "wav")


@pytest.mark.parametrize("kind", ["openai", "deepgram", "elevenlabs"])
async def test_ssml_is_refused_where_it_would_be_read_out(kind: str, sound: FakeSound):
    with pytest.raises(Unrepresentable):
        await ADAPTERS[kind].speak(speech(markup="ssml"), target(sound, kind))
    assert not sound.calls


# -- OpenAI -------------------------------------------------------------------------------------
async def test_openai_is_told_what_it_knows(sound: FakeSound, recording: Recording):
    sound.say(PATHS["openai"][0], HEARD["openai"])
    request = TranscriptionRequest(
        model="x",
        recording=recording,
        language="pt-BR",
        prompt="Names",
        temperature=0.5,
        granularities={"word", "segment"},
    )
    heard = await OpenAI().transcribe(request, target(sound, "openai", "whisper-1"))
    assert heard.usage.audio_seconds == 3
    assert [(name, content) for name, file, content in parts_of(sound.calls[0]) if not file] == [
        ("model", b"whisper-1"),
        ("response_format", b"verbose_json"),
        ("language", b"pt"),
        ("prompt", b"Names"),
        ("temperature", b"0.5"),
        ("timestamp_granularities[]", b"segment"),
        ("timestamp_granularities[]", b"word"),
    ]
    assert parts_of(sound.calls[0])[-1] == ("file", "recording.wav", WAV)


@pytest.mark.parametrize(
    ("model", "options"),
    [("gpt-4o-mini-transcribe", {}), ("own", {"transcription_format": "json"})],
)
async def test_models_of_plain_json_are_asked_for_no_more(
    model: str, options: dict[str, Any], sound: FakeSound, recording: Recording
):
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19}
    sound.say(PATHS["openai"][0], {"text": "Hi", "usage": usage})
    request = TranscriptionRequest(model="x", recording=recording, granularities={"segment"})
    heard = await OpenAI().transcribe(request, target(sound, "openai", model, **options))
    assert (heard.usage.prompt_tokens, heard.usage.completion_tokens) == (14, 5)
    told = {name: content for name, _, content in parts_of(sound.calls[0])}
    assert told["response_format"] == b"json"
    assert "timestamp_granularities[]" not in told


async def test_openai_speaks_with_a_voice_of_its_own(sound: FakeSound):
    sound.say(PATHS["openai"][1], b"mp3")
    await OpenAI().speak(speech(speed=1.5), target(sound, "openai"))
    assert sound.bodies[0] == {
        "model": "m-1",
        "input": "Hello & <bye>",
        "voice": "alloy",
        "response_format": "mp3",
        "speed": 1.5,
    }
    account = target(sound, "openai", voices=["af_sky"]).account
    assert await OpenAI().find_voices(account) == (Voice(id="af_sky", name="Af_sky"),)
    assert len(await OpenAI().find_voices(replace(account, options={}))) == 13


# -- Deepgram -----------------------------------------------------------------------------------
async def test_deepgram_is_told_in_the_query(sound: FakeSound, recording: Recording):
    sound.say(PATHS["deepgram"][0], HEARD["deepgram"])
    request = TranscriptionRequest(
        model="x",
        recording=recording,
        language="en",
        granularities={"segment"},
        extras={"deepgram": {"smart_format": False, "diarize": True}},
    )
    heard = await Deepgram().transcribe(request, target(sound, "deepgram", "nova-3"))
    assert query(sound) == {
        "model": "nova-3",
        "language": "en",
        "smart_format": "false",
        "diarize": "true",
        "utterances": "true",
    }
    (call,) = sound.calls
    assert (call.body, call.headers["content-type"]) == (WAV, "audio/wav")
    assert call.headers["authorization"] == "Token k-1"
    assert (heard.segments[0].speakers, heard.segments[0].channel) == ((1,), 0)
    assert (heard.words[0].confidence, heard.words[0].speaker) == (0.98, 1)


@pytest.mark.parametrize(
    ("model", "voice", "asked"),
    [
        ("aura-2", "", "aura-2-thalia-en"),
        ("aura-2", "Apollo", "aura-2-apollo-en"),
        ("aura-2", "celeste-es", "aura-2-celeste-es"),
        ("aura-2", "aura-asteria-en", "aura-asteria-en"),
        ("aura-2-zeus-en", "", "aura-2-zeus-en"),
    ],
)
async def test_deepgrams_voices_are_models(model: str, voice: str, asked: str, sound: FakeSound):
    sound.say(PATHS["deepgram"][1], b"mp3")
    await Deepgram().speak(speech(voice=voice), target(sound, "deepgram", model))
    assert query(sound) == {"model": asked, "encoding": "mp3"}
    assert sound.bodies[0] == {"text": "Hello & <bye>"}


async def test_deepgrams_voices(sound: FakeSound):
    listed = {
        "name": "thalia",
        "canonical_name": "aura-2-thalia-en",
        "languages": ["en", "en-US"],
        "metadata": {"accent": "American", "tags": ["feminine", "clear"]},
    }
    sound.say("/v1/models", {"stt": [], "tts": [listed, {}]})
    voices = await Deepgram().find_voices(target(sound, "deepgram").account)
    assert voices[0] == Voice(
        id="aura-2-thalia-en", name="Thalia", language="en-US", gender="female"
    )


# -- ElevenLabs ---------------------------------------------------------------------------------
async def test_elevenlabs_is_told_by_path_and_body(sound: FakeSound):
    sound.say("/v1/text-to-speech/a%2Fb", b"ulaw")
    request = speech(
        voice="a/b",
        format="mulaw",
        language="de-DE",
        speed=2.0,
        extras={"elevenlabs": {"voice_settings": {"stability": 0.4}}},
    )
    await ElevenLabs().speak(request, target(sound, "elevenlabs", "eleven_flash_v2_5"))
    assert query(sound) == {"output_format": "ulaw_8000"}
    assert sound.calls[0].headers["xi-api-key"] == "k-1"
    assert sound.bodies[0] == {
        "text": "Hello & <bye>",
        "model_id": "eleven_flash_v2_5",
        "language_code": "de",
        "voice_settings": {"stability": 0.4, "speed": 1.2},
    }


async def test_elevenlabs_listens(sound: FakeSound, recording: Recording):
    sound.say(PATHS["elevenlabs"][0], HEARD["elevenlabs"])
    request = TranscriptionRequest(
        model="x", recording=recording, extras={"elevenlabs": {"diarize": True}}
    )
    heard = await ElevenLabs().transcribe(request, target(sound, "elevenlabs", "scribe_v1"))
    told = {name: content for name, _, content in parts_of(sound.calls[0])}
    assert (told["model_id"], told["diarize"]) == (b"scribe_v1", b"true")
    assert heard.words[0].speaker == 1


async def test_elevenlabs_voices(sound: FakeSound):
    labels = {"gender": "female", "accent": "american", "language": "en"}
    sound.say("/v1/voices", {"voices": [{"voice_id": "v1", "name": "Rachel", "labels": labels}]})
    voices = await ElevenLabs().find_voices(target(sound, "elevenlabs").account)
    assert voices == (Voice(id="v1", name="Rachel", language="en", gender="female"),)


# -- Azure Speech -------------------------------------------------------------------------------
async def test_azure_speaks_ssml(sound: FakeSound):
    sound.say(PATHS["azurespeech"][1], b"mp3")
    await AzureSpeech().speak(speech(voice="de-DE-KatjaNeural", speed=1.2), target(sound, "a"))
    await AzureSpeech().speak(
        replace(speech(markup="ssml"), text="<speak/>"), target(sound, "azurespeech")
    )
    first, second = sound.calls
    assert first.body.decode() == (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="de-DE">'
        '<voice name="de-DE-KatjaNeural"><prosody rate="+20%">Hello &amp; &lt;bye&gt;</prosody>'
        "</voice></speak>"
    )
    assert first.headers["x-microsoft-outputformat"] == "audio-24khz-96kbitrate-mono-mp3"
    assert first.headers["content-type"] == "application/ssml+xml"
    assert first.headers["ocp-apim-subscription-key"] == "k-1"
    assert second.body == b"<speak/>"


async def test_azure_listens(sound: FakeSound, recording: Recording):
    sound.say(PATHS["azurespeech"][0], HEARD["azurespeech"])
    request = TranscriptionRequest(
        model="x",
        recording=recording,
        language="en-US",
        extras={"azurespeech": {"diarize": True}},
    )
    heard = await AzureSpeech().transcribe(request, target(sound, "azurespeech"))
    (definition, audio) = parts_of(sound.calls[0])
    assert json.loads(definition[2]) == {
        "locales": ["en-US"],
        "diarization": {"enabled": True, "maxSpeakers": 8},
    }
    assert audio == ("audio", "recording.wav", WAV)
    assert heard.segments[0].speakers == (1,)
    assert heard.words[0].speaker == 1


async def test_azures_voices(sound: FakeSound):
    listed = {
        "ShortName": "en-US-AvaNeural",
        "DisplayName": "Ava",
        "Locale": "en-US",
        "Gender": "Female",
    }
    sound.say("/v1/cognitiveservices/voices/list", [listed, "odd"])
    voices = await AzureSpeech().find_voices(target(sound, "azurespeech").account)
    assert voices == (Voice(id="en-US-AvaNeural", name="Ava", language="en-US", gender="female"),)


@pytest.mark.parametrize(
    ("base", "speaks_at"),
    [
        ("https://eastus.api.cognitive.microsoft.com", "https://eastus.tts.speech.microsoft.com"),
        ("https://eastus.tts.speech.microsoft.com/", "https://eastus.tts.speech.microsoft.com"),
        ("https://own.cognitiveservices.azure.com", "https://own.cognitiveservices.azure.com/tts"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
    ],
)
def test_azures_services_have_addresses_of_their_own(base: str, speaks_at: str):
    account = Account(name="acme", kind="azurespeech", base_url=base)
    call = encode_speech(speech(), Target(account=account, model="tts"))
    assert call.url == f"{speaks_at}/cognitiveservices/v1"
    assert encode_voices(account).url == f"{speaks_at}/cognitiveservices/voices/list"
