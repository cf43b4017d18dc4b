"""The builtin voice: in every format, the same each time, and firm about what it cannot say."""

import asyncio
import importlib.util

import numpy as np
import pytest

from common.audio import Sound
from common.audio.decoder import opened, read_all
from common.programs import Limits, Program
from providers.builtin.adapter import Builtin
from providers.builtin.speech import speak as speaking
from providers.builtin.speech import voice_program
from providers.protocols import SpeechProvider
from tests.providers.builtin.speech.asked import saying, target
from vocabulary.errors import (
    InvalidRequest,
    ModelNotFound,
    NotInstalled,
    UpstreamTimedOut,
    UpstreamUnavailable,
)


async def speak(*args, **kwargs):
    return await Builtin().speak(saying(*args, **kwargs), target("speak"))


async def seconds(*args, **kwargs) -> float:
    spoken = await speak(*args, format="pcm", **kwargs)
    return len(spoken.audio) / 2 / spoken.sample_rate


def test_it_is_a_provider_of_speech():
    assert isinstance(Builtin(), SpeechProvider)


async def test_a_model_that_does_not_speak_is_not_found():
    with pytest.raises(ModelNotFound):
        await Builtin().speak(saying(), target("listen"))


# -- what comes out -----------------------------------------------------------------------------
@pytest.mark.parametrize("format", ["wav", "mp3", "ogg", "flac"])
async def test_each_format_decodes_to_the_same_length(tmp_path, format):
    spoken = await speak(format=format)
    path = tmp_path / "spoken"
    path.write_bytes(spoken.audio)
    with opened(path) as stream:
        sound = Sound(read_all(stream, 60), stream.rate)
    assert (spoken.format, spoken.sample_rate) == (format, sound.rate) == (format, 22_050)
    assert sound.seconds == pytest.approx(await seconds(), abs=0.1)
    assert np.abs(sound.samples).max() > 0.1


@pytest.mark.parametrize("format", ["mulaw", "alaw"])
async def test_the_telephone_s_formats_last_as_long(format):
    spoken = await speak(format=format)
    assert spoken.sample_rate == 8_000
    assert len(spoken.audio) / 8_000 == pytest.approx(await seconds(), abs=0.01)


@pytest.mark.parametrize("format", ["mp3", "ogg"])
async def test_the_same_request_gives_the_same_bytes(format):
    one, two = await asyncio.gather(speak(format=format), speak(format=format))
    assert one == two


async def test_it_says_what_it_is_and_what_it_counted():
    spoken = await speak("Hello", format="wav", sample_rate=16_000)
    assert (spoken.model, spoken.served_by) == ("builtin/speak", "builtin")
    assert spoken.usage.characters == 5
    assert spoken.sample_rate == 16_000


async def test_speed_and_voice_are_heard():
    slow, usual, fast = [await seconds(speed=speed) for speed in (0.5, 1.0, 2.0)]
    assert slow > 1.4 * usual > 1.4 * 1.3 * fast
    assert (await speak(voice="roa/fr")).audio != (await speak()).audio


async def test_markup_is_obeyed_and_not_spoken():
    pause = "<speak>Good morning,<break time='2s'/> how can I help you?</speak>"
    assert await seconds(pause, markup="ssml") > await seconds() + 1
    assert await seconds("<b>x</b>") > await seconds("x")


# -- what it refuses ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"text": "<speak>", "markup": "ssml"}, "text"),
        ({"text": "plain", "markup": "ssml"}, "text"),
        ({"text": "<!DOCTYPE s [<!ENTITY a 'b'>]><s>&a;</s>", "markup": "ssml"}, "text"),
        ({"text": "<speak><audio src='/etc/passwd'/></speak>", "markup": "ssml"}, "text"),
        ({"text": "<speak>a<break time='2000s'/></speak>", "markup": "ssml"}, "text"),
        ({"voice": "nobody"}, "voice"),
        ({"voice": "../../etc/passwd"}, "voice"),
        ({"language": "tlh-KX"}, "language"),
        ({"sample_rate": 13_000}, "sample_rate"),
    ],
)
async def test_what_it_cannot_say_is_named(wrong, path):
    with pytest.raises(InvalidRequest) as refused:
        await speak(**wrong)
    assert refused.value.path == path


@pytest.mark.parametrize("text", ["\0a\0", "\ud800", "🙂" * 50, "[[a]]", "?!...", "a\u202eb"])
async def test_odd_texts_break_nothing(text):
    assert (await speak(text, format="pcm")).audio


async def test_without_the_extra_it_says_which(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match="`speech`"):
        await speak()


@pytest.mark.parametrize(
    ("do", "error"), [("crash", UpstreamUnavailable), ("hang", UpstreamTimedOut)]
)
async def test_an_engine_that_breaks_is_an_upstream_that_failed(monkeypatch, do, error):
    class Broken(Program):
        def run(self, order, data=b""):
            return super().run({"do": do})

    monkeypatch.setattr(speaking, "Program", Broken)
    monkeypatch.setattr(speaking, "PROGRAM", "tests.common.crashing_program")
    monkeypatch.setattr(speaking, "LIMITS", Limits(seconds=1))
    with pytest.raises(error):
        await speak()


async def test_nobody_waiting_ends_the_program(monkeypatch):
    ended = []

    class Watched(Program):
        def kill(self):
            ended.append(self)
            super().kill()

    monkeypatch.setattr(speaking, "Program", Watched)
    task = asyncio.ensure_future(speak("a long story. " * 200))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(ended) == 1


# -- the program, in this process ---------------------------------------------------------------
class Engine:
    """What the program calls of the library, without a sound."""

    def __init__(self, knows=True):
        self.knows = knows
        self.calls = []
        self.on_sound = None

    def espeak_SetVoiceByName(self, name):
        return 0 if self.knows else 2

    def espeak_SetSynthCallback(self, callback):
        self.on_sound = callback

    def espeak_SetUriCallback(self, callback):
        self.calls.append(("uri", callback(1, b"file", b"")))

    def espeak_SetParameter(self, *given):
        self.calls.append(given)

    def espeak_Synth(self, text, size, *given):
        samples = (voice_program.ctypes.c_short * 100)(*range(100))
        while not self.on_sound(samples, 100, None) and len(self.calls) < 5:
            self.calls.append("said")


ORDER = {"voice": "x", "pace": 200, "is_ssml": False, "most_seconds": 1}


def test_the_program_keeps_what_the_engine_says_and_plays_no_files():
    engine = Engine()
    answer = voice_program.speak(engine, 16_000, ORDER, b"text")
    assert answer.report == {"rate": 16_000}
    assert len(answer.data) == 200 * 4
    assert ("uri", voice_program.SPEAK_THE_TEXT_INSTEAD) in engine.calls


def test_the_program_stops_what_takes_too_long_and_knows_its_voices():
    long = voice_program.speak(Engine(), 50, ORDER, b"text")
    assert long.report == {"fault": "length"}
    assert voice_program.speak(Engine(False), 50, ORDER, b"").report == {"fault": "voice"}
