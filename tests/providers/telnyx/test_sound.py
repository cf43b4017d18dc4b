"""Telnyx' transcriptions, speech and voices against a real server."""

import base64
from pathlib import Path
from typing import Any

import pytest

from common.secrets import Secret
from providers.protocols import Account, Target
from providers.sounds import make_wav
from providers.telnyx.adapter import Telnyx
from tests.fakes.sound import FakeSound, parts_of
from vocabulary.errors import Unrepresentable, UpstreamRefused, UpstreamUnavailable
from vocabulary.speech import SpeechRequest, Voice
from vocabulary.transcription import Recording, Segment, TranscriptionRequest, Word

TELNYX = Telnyx()
HEARD = "/v2/ai/audio/transcriptions"
SPOKEN = "/v2/text-to-speech/speech"
VOICES = "/v2/text-to-speech/voices"


def target(sound: FakeSound, model: str, **options: Any) -> Target:
    account = Account(
        name="t",
        kind="telnyx",
        base_url=f"{sound.url}/v2",
        api_key=Secret("KEY1"),
        options=options,
    )
    return Target(account=account, model=model)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "a.wav"
    path.write_bytes(make_wav(bytes(320), 16_000))
    return Recording(path=path, name="a.wav", media_type="audio/wav", size=364)


# -- listening ----------------------------------------------------------------------------------
async def test_a_recording_is_sent_as_a_form_and_times_come_back(sound, recording):
    segment = {"id": 0, "start": 0.5, "end": 1.5, "text": "Hi.", "channel": 1, "speakers": [0]}
    word = {"word": "hi", "punctuated_word": "Hi.", "start": 0.5, "end": 1.5, "speaker": 0}
    answer = {"text": "Hi.", "duration": 2.0, "segments": [segment], "words": [word]}
    sound.say(HEARD, answer)
    request = TranscriptionRequest(
        model="t/deepgram/nova-3",
        recording=recording,
        language="en-US",
        granularities=frozenset({"segment", "word"}),
        extras={"deepgram": {"diarize": True}},
    )
    heard = await TELNYX.transcribe(request, target(sound, "deepgram/nova-3"))
    assert (heard.text, heard.duration, heard.served_by) == ("Hi.", 2.0, "t")
    assert heard.segments == (Segment(text="Hi.", start=0.5, end=1.5, speakers=(0,), channel=1),)
    assert heard.words == (Word(text="Hi.", start=0.5, end=1.5, speaker=0),)
    assert [(name, content) for name, file, content in parts_of(sound.calls[0]) if not file] == [
        ("model", b"deepgram/nova-3"),
        ("response_format", b"verbose_json"),
        ("language", b"en-US"),
        ("timestamp_granularities[]", b"segment"),
        ("model_config[diarize]", b"true"),
    ]
    (file,) = [part for part in parts_of(sound.calls[0]) if part[1]]
    assert file == ("file", "recording.wav", recording.path.read_bytes())


async def test_other_models_get_no_switches_and_the_english_one_no_language(sound, recording):
    sound.say(HEARD, {"text": "Hi."})
    request = TranscriptionRequest(
        model="m", recording=recording, language="en", extras={"deepgram": {"diarize": True}}
    )
    heard = await TELNYX.transcribe(request, target(sound, "distil-whisper/distil-large-v2"))
    assert (heard.text, heard.segments) == ("Hi.", ())
    names = [name for name, _, _ in parts_of(sound.calls[0])]
    assert names == ["model", "response_format", "file"]


# -- speaking -----------------------------------------------------------------------------------
async def test_speech_comes_as_bytes_in_the_format_asked_for(sound):
    wav = make_wav(bytes(64), 16_000)
    sound.say(SPOKEN, wav, "audio/wav")
    request = SpeechRequest(
        model="m", text="Hi", voice="Alloy", format="wav", sample_rate=16_000, speed=1.2
    )
    spoken = await TELNYX.speak(request, target(sound, "telnyx.NaturalHD"))
    assert (spoken.audio, spoken.format, spoken.sample_rate) == (wav, "wav", 16_000)
    assert sound.calls[0].json == {
        "text": "Hi",
        "text_type": "text",
        "output_type": "binary_output",
        "provider": "telnyx",
        "voice": "telnyx.NaturalHD.Alloy",
        "telnyx": {"response_format": "wav", "sampling_rate": 16_000, "voice_speed": 1.2},
    }


async def test_speech_comes_as_base64_where_the_account_says_so(sound):
    sound.say(SPOKEN, {"base64_audio": base64.b64encode(b"ID3-sound").decode()})
    request = SpeechRequest(model="m", text="Hi", voice="azure.en-US-AvaNeural", markup="ssml")
    spoken = await TELNYX.speak(request, target(sound, "telnyx", speech_output="base64"))
    assert (spoken.audio, spoken.format) == (b"ID3-sound", "mp3")
    body = sound.calls[0].json
    assert (body["output_type"], body["provider"]) == ("base64_output", "azure")
    assert (body["voice"], body["text_type"]) == ("azure.en-US-AvaNeural", "ssml")


async def test_what_cannot_be_told_a_format_speaks_mp3(sound):
    sound.say(SPOKEN, b"ID3", "application/octet-stream")
    request = SpeechRequest(model="m", text="Hi", format="flac")
    spoken = await TELNYX.speak(request, target(sound, "azure"))
    assert spoken.format == "mp3"
    assert "voice" not in sound.calls[0].json


@pytest.mark.parametrize("voice", ["en-gb", "builtin.speak.en-gb"])
async def test_another_server_s_provider_is_told_what_is_wanted_in_general_words(sound, voice):
    sound.say(SPOKEN, b"OggS", "audio/ogg")
    request = SpeechRequest(model="m", text="Hi", voice=voice, format="ogg")
    spoken = await TELNYX.speak(request, target(sound, "builtin/speak"))
    assert spoken.format == "ogg"
    body = sound.calls[0].json
    assert (body["provider"], body["voice"]) == ("builtin", "builtin.speak.en-gb")
    assert body["voice_settings"] == {"response_format": "ogg_vorbis"}


@pytest.mark.parametrize("body", [{}, {"base64_audio": "***"}, {"base64_audio": ""}, b""])
async def test_an_answer_without_sound_is_none(sound, body):
    sound.say(SPOKEN, body)
    with pytest.raises(UpstreamUnavailable):
        await TELNYX.speak(SpeechRequest(model="m", text="Hi"), target(sound, "telnyx"))


async def test_ssml_is_refused_where_it_would_be_read_out(sound):
    request = SpeechRequest(model="m", text="<speak/>", markup="ssml")
    with pytest.raises(Unrepresentable):
        await TELNYX.speak(request, target(sound, "telnyx.NaturalHD"))


async def test_an_error_names_the_field_it_is_about(sound):
    sound.say(SPOKEN, {"errors": {"voice": ["is unknown"]}}, status=422)
    with pytest.raises(UpstreamRefused, match=r"^voice: is unknown$"):
        await TELNYX.speak(SpeechRequest(model="m", text="Hi"), target(sound, "telnyx"))


# -- voices -------------------------------------------------------------------------------------
async def test_voices_are_named_with_their_provider(sound):
    listed = [
        {"voice_id": "Alloy", "name": "Alloy", "provider": "telnyx", "language": "en-US"},
        {"voice_id": "azure.Ava", "provider": "azure", "gender": "Female"},
        {"name": "nobody"},
    ]
    sound.say(VOICES, {"voices": listed})
    assert await TELNYX.find_voices(target(sound, "telnyx").account) == (
        Voice(id="telnyx.Alloy", name="Alloy", language="en-US"),
        Voice(id="azure.Ava", name="azure.Ava", gender="female"),
    )
