"""The builtin ear: words with their times, of others' clear speech, and what it refuses."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.transcription_accuracy import SENTENCES, count_errors, error_rate, telephone
from common.audio import Sound, encode
from common.audio.decoder import opened, read_all
from common.programs import Limits, Program
from providers.builtin.adapter import Builtin
from providers.builtin.speech import listen as listening
from providers.builtin.speech import listening_program
from providers.protocols import TranscriptionProvider
from tests.providers.builtin.speech.asked import hearing, needs_flite, said_by_flite, target
from vocabulary.errors import (
    InvalidRequest,
    ModelNotFound,
    NotInstalled,
    TooLarge,
    UnsupportedMedia,
    UpstreamTimedOut,
)

WORST = 0.15
"""Of the first sentences of the benchmark, in the voice it understands best; measured 0.05."""


async def listen(path: Path, **more):
    return await Builtin().transcribe(hearing(path, **more), target("listen"))


def written(folder: Path, sound: Sound, format: str = "wav") -> Path:
    path = folder / "recording"
    path.write_bytes(encode(sound, format))
    return path


def silence(seconds: float) -> Sound:
    return Sound(np.zeros((int(16_000 * seconds), 1), dtype=np.float32), 16_000)


def read(path: Path) -> Sound:
    with opened(path) as stream:
        return Sound(read_all(stream, 60), stream.rate)


def written_down(path: Path) -> str:
    """By the program, in this process."""
    report = listening_program.work({"path": str(path), "most_seconds": 60}, b"").report
    return " ".join(word for segment in report["segments"] for word, _, _ in segment)


# -- what it hears ------------------------------------------------------------------------------
def test_it_is_a_provider_of_transcriptions():
    assert isinstance(Builtin(), TranscriptionProvider)


@needs_flite
def test_it_writes_down_most_words_of_clear_speech(tmp_path):
    pairs = [(text, written_down(said_by_flite(text, tmp_path))) for text in SENTENCES[:2]]
    assert error_rate(pairs) <= WORST


@needs_flite
async def test_words_and_segments_have_their_times(tmp_path):
    spoken = read(said_by_flite("please call me back", tmp_path))
    twice = [spoken.samples, silence(2).samples, spoken.samples]
    path = written(tmp_path, Sound(np.concatenate(twice), spoken.rate), "ogg")
    heard = await listen(path, language="en-US")
    assert heard.text == " ".join(["please call me back"] * 2)
    assert heard.duration == pytest.approx(2 * spoken.seconds + 2, abs=0.05)
    assert heard.usage.audio_seconds == heard.duration
    first, second = heard.segments
    assert 0 <= first.start < first.end < spoken.seconds + 0.1
    assert spoken.seconds + 1.9 < second.start < second.end <= heard.duration
    assert [word.text for word in heard.words] == heard.text.split()
    assert all(word.start < word.end for word in heard.words)
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert (heard.model, heard.served_by, heard.language) == ("builtin/listen", "builtin", "en")


async def test_silence_has_no_words(tmp_path):
    heard = await listen(written(tmp_path, silence(3)))
    assert (heard.text, heard.segments, heard.words, heard.duration) == ("", (), (), 3.0)


def test_nothing_at_all_has_no_words(tmp_path):
    path = written(tmp_path, silence(0))
    answer = listening_program.work({"path": str(path), "most_seconds": 10}, b"")
    assert answer.report == {"seconds": 0.0, "segments": []}


# -- what it refuses ----------------------------------------------------------------------------
async def test_a_model_that_does_not_listen_is_not_found(tmp_path):
    with pytest.raises(ModelNotFound):
        await Builtin().transcribe(hearing(tmp_path), target("speak"))


@pytest.mark.parametrize("language", ["de", "en-GB", "fr-FR", "x"])
async def test_other_languages_are_refused(tmp_path, language):
    with pytest.raises(InvalidRequest) as refused:
        await listen(tmp_path, language=language)
    assert refused.value.path == "language"


async def test_what_is_no_recording_is_refused(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(b"not a sound")
    with pytest.raises(UnsupportedMedia):
        await listen(path)


async def test_more_than_ten_minutes_is_too_large(tmp_path):
    with pytest.raises(TooLarge, match="600 seconds"):
        await listen(written(tmp_path, silence(601), "flac"))


async def test_a_recording_that_crashes_the_program_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "PROGRAM", "tests.common.crashing_program")
    with pytest.raises(UnsupportedMedia, match="breaks"):
        await listen(tmp_path)


async def test_a_program_that_hangs_is_an_upstream_that_timed_out(tmp_path, monkeypatch):
    class Hanging(Program):
        def run(self, order, data=b""):
            return super().run({"do": "hang"})

    monkeypatch.setattr(listening, "Program", Hanging)
    monkeypatch.setattr(listening, "PROGRAM", "tests.common.crashing_program")
    monkeypatch.setattr(listening, "LIMITS", Limits(seconds=1))
    with pytest.raises(UpstreamTimedOut):
        await listen(tmp_path)


async def test_without_the_extra_it_says_which(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match="`speech`"):
        await listen(tmp_path)


def test_a_missing_decoder_is_told_by_the_program(tmp_path, monkeypatch):
    path = written(tmp_path, silence(1))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    answer = listening_program.work({"path": str(path), "most_seconds": 10}, b"")
    assert answer.report["fault"] == "not_installed"


# -- how it is measured -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [("a b c", "a b c", 0), ("a b c", "a c", 1), ("a b", "a x b y", 2), ("a b", "", 2)],
)
def test_errors_are_words_put_in_left_out_or_replaced(said, heard, errors):
    assert count_errors(said.split(), heard.split()) == errors


def test_a_telephone_s_band_ends_at_its_edges():
    beyond = np.sin(2 * np.pi * 5_000 * np.arange(16_000) / 16_000)[:, None]
    sound = telephone(Sound(beyond.astype(np.float32), 16_000))
    assert sound.rate == 8_000
    assert np.abs(sound.samples[100:-100]).max() < 0.01
