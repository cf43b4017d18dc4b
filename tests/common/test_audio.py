"""Sounds: written and read back, at other rates, and from files that lie."""

import io
import struct
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from common.audio import Probe, Sound, decode, encode, probe, rate_for
from common.audio.decoder import opened, read_all, read_mono, work
from common.audio.g711 import encode_alaw, encode_mulaw
from common.audio.ogg import with_serial
from common.audio.resampling import resample
from common.audio.sniffing import sniff
from common.audio.sounds import PEAK
from common.audio.writing import MP3_RATES
from vocabulary.errors import InvalidRequest, NotInstalled, TooLarge, UnsupportedMedia

RATE = 16_000


def tone(seconds: float = 1.0, rate: int = RATE, hertz: float = 440, channels: int = 1) -> Sound:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    return Sound(np.tile(wave.astype(np.float32)[:, None], (1, channels)), rate)


def kept(folder: Path, data: bytes) -> Path:
    path = folder / "sound"
    path.write_bytes(data)
    return path


def read(path: Path) -> Sound:
    with opened(path) as stream:
        return Sound(read_all(stream, 60), stream.rate)


def loudest(sound: Sound) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(sound.samples[:, 0] * np.hanning(len(sound.samples))))
    return float(spectrum.argmax() * sound.rate / len(sound.samples))


# -- there and back -----------------------------------------------------------------------------
short = arrays(
    np.float32,
    st.tuples(st.integers(1, 400), st.integers(1, 2)),
    elements=st.floats(-1, 1, width=32),
)


@pytest.mark.parametrize("format", ["wav", "flac"])
@given(samples=short)
@settings(max_examples=40, deadline=None)
def test_exact_formats_give_back_what_was_written(tmp_path_factory, format, samples):
    sound = Sound(samples, RATE)
    path = kept(tmp_path_factory.getbasetemp(), encode(sound, format))
    again = read(path)
    assert (again.rate, again.samples.shape) == (RATE, samples.shape)
    assert np.abs(again.samples - samples).max() <= 2 / PEAK


@pytest.mark.parametrize("format", ["ogg", "mp3"])
@given(samples=short)
@settings(max_examples=15, deadline=None)
def test_lossy_formats_take_any_samples(tmp_path_factory, format, samples):
    path = kept(tmp_path_factory.getbasetemp(), encode(Sound(samples, RATE), format))
    again = read(path)
    assert again.channels == samples.shape[1]
    assert abs(again.seconds - len(samples) / RATE) < 0.2
    assert np.isfinite(again.samples).all()


@given(samples=short)
def test_pcm_is_little_endian_and_of_one_channel(samples):
    pcm = encode(Sound(samples, RATE), "pcm")
    assert len(pcm) == 2 * len(samples)
    again = Sound.of_pcm(pcm, RATE)
    assert np.abs(again.samples - samples.mean(axis=1, keepdims=True)).max() <= 2 / PEAK


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg", "flac"])
def test_a_file_is_decoded_apart_with_its_length_and_its_tone(tmp_path, format):
    path = kept(tmp_path, encode(tone(channels=2), format))
    sound = decode(path, most_seconds=2)
    assert (sound.rate, sound.channels) == (RATE, 2)
    assert sound.seconds == pytest.approx(1, abs=0.1)
    assert loudest(sound) == pytest.approx(440, abs=2)


def test_a_probe_tells_kind_and_length(tmp_path):
    path = kept(tmp_path, encode(tone(channels=2), "ogg"))
    assert probe(path) == Probe(seconds=1, rate=RATE, channels=2, format="ogg")


@pytest.mark.parametrize("format", ["mp3", "wav", "ogg", "flac", "pcm", "mulaw", "alaw"])
def test_the_same_sound_gives_the_same_bytes(format):
    assert encode(tone(), format) == encode(tone(), format)


def test_many_channels_become_one():
    data = encode(tone(channels=6), "wav")
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnchannels() == 1


# -- the telephone's formats --------------------------------------------------------------------
def test_g711_says_what_the_recommendation_says():
    pcm = np.array([0, 32_767, -32_768], dtype=np.int16)
    assert encode_mulaw(pcm).hex() == "ff8000"
    assert encode_alaw(pcm).hex() == "d5aa2a"


@pytest.mark.parametrize("codec", ["ULAW", "ALAW"])
def test_g711_is_read_back_by_others_to_within_a_step(codec):
    pcm = np.arange(-32_768, 32_768).astype(np.int16)
    data = encode_mulaw(pcm) if codec == "ULAW" else encode_alaw(pcm)
    again, _ = soundfile.read(
        io.BytesIO(data), dtype="int16", format="RAW", subtype=codec, samplerate=8000, channels=1
    )
    wide = pcm.astype(np.int32)
    assert (np.abs(again - wide) <= 16 + np.abs(wide) / 31).all()


@pytest.mark.parametrize("format", ["mulaw", "alaw"])
def test_the_telephone_s_formats_have_the_telephone_s_rate(format):
    assert len(encode(tone(), format)) == 8_000
    assert len(encode(tone(), format, 16_000)) == 16_000


# -- rates --------------------------------------------------------------------------------------
@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 12_347])
def test_another_rate_keeps_length_and_tone(rate):
    sound = resample(tone(0.5, 44_100), rate)
    assert sound.seconds == pytest.approx(0.5, rel=1e-3)
    ideal = tone(0.5, rate)
    middle = slice(100, -100)
    frames = min(len(sound.samples), len(ideal.samples))
    error = (sound.samples[:frames] - ideal.samples[:frames])[middle]
    # a ratio that is not simple is taken as the nearest, so that the phase drifts a little
    assert np.abs(error).max() < (1e-3 if rate != 12_347 else 5e-3)


def test_what_a_lower_rate_cannot_hold_does_not_fold_back():
    high = resample(tone(0.5, 48_000, hertz=7_000), 8_000)
    assert np.abs(high.samples[200:-200]).max() < 1e-3


@given(own=st.integers(1_000, 384_000), format=st.sampled_from(["mp3", "wav", "ogg", "flac"]))
def test_a_format_s_own_rate_is_one_that_it_takes(own, format):
    assert rate_for(own, format, rate_for(own, format, None))


def test_a_rate_that_a_format_does_not_have_is_named():
    with pytest.raises(InvalidRequest, match="22050"):
        encode(tone(), "mp3", 13_000)
    with pytest.raises(InvalidRequest, match="96000"):
        encode(tone(), "ogg", 192_000)
    with pytest.raises(InvalidRequest):
        encode(tone(), "wav", 0)


@pytest.mark.parametrize("rate", MP3_RATES)
def test_mp3_has_each_of_its_rates(tmp_path, rate):
    assert read(kept(tmp_path, encode(tone(0.3), "mp3", rate))).rate == rate


# -- other people's files -----------------------------------------------------------------------
def contained(kind: str, codec: str, rate: int = 48_000) -> bytes:
    """A second of tone, as a container with or without video would hold it."""
    out = io.BytesIO()
    sound = tone(1, rate)
    with av.open(out, "w", format=kind) as container:
        track = container.add_stream(codec, rate=rate, layout="mono")
        plane = np.ascontiguousarray(sound.samples.T)
        frame = av.AudioFrame.from_ndarray(plane, format="fltp", layout="mono")
        frame.rate = rate
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "codec", "format"),
    [
        ("mp4", "aac", "mp4"),
        ("webm", "libopus", "webm"),
        ("adts", "aac", "aac"),
        ("mpegts", "aac", "ts"),
        ("mpeg", "mp2", "mpeg"),
        ("ogg", "libopus", "opus"),
        ("mp2", "mp2", "mp3"),
    ],
)
def test_what_browsers_and_telephones_record_is_read(tmp_path, kind, codec, format):
    path = kept(tmp_path, contained(kind, codec))
    sound = read(path)
    assert sound.seconds == pytest.approx(1, abs=0.15)
    assert loudest(sound) == pytest.approx(440, abs=3)
    seen = work({"path": str(path)}, b"").report
    assert seen["format"] == format
    assert seen["seconds"] == pytest.approx(1, abs=0.15)


def test_a_tag_before_the_sound_is_no_hindrance(tmp_path):
    tag = b"ID3\x04\x00\x00" + bytes([0, 4, 0, 0]) + bytes(4 << 14)
    path = kept(tmp_path, tag + encode(tone(), "mp3"))
    assert sniff(path) == "mp3"
    assert read(path).seconds == pytest.approx(1, abs=0.1)


def test_floats_that_are_no_numbers_are_silence(tmp_path):
    samples = np.array([0.5, np.nan, np.inf, -np.inf], dtype=np.float32)
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format="WAV", subtype="FLOAT")
    assert read(kept(tmp_path, out.getvalue())).samples[:, 0].tolist() == [0.5, 0, 1, -1]


def test_one_channel_is_the_mean_of_all(tmp_path):
    stereo = Sound(np.array([[0.5, -0.5], [0.25, 0.75]], dtype=np.float32), RATE)
    with opened(kept(tmp_path, encode(stereo, "wav"))) as stream:
        assert read_mono(stream, 1)[:, 0].tolist() == pytest.approx([0, 0.5], abs=1e-4)


# -- files that lie -----------------------------------------------------------------------------
def header(data_bytes: int, rate: int = RATE, channels: int = 1, bits: int = 16) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data"
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + head + struct.pack("<I", data_bytes)


FLAC = encode(tone(0.2), "flac")
OGG = encode(tone(0.2), "ogg")
MP3 = encode(tone(0.2), "mp3")
MP4 = contained("mp4", "aac")
# STREAMINFO's count of samples is the low 36 bits of these eight bytes.
ENDLESS_FLAC = FLAC[:21] + bytes([FLAC[21] | 0x0F]) + b"\xff\xff\xff\xff" + FLAC[26:]

BROKEN = {
    "nothing": b"",
    "a byte": b"R",
    "a name alone": b"RIFF\x00\x00\x00\x00WAVE",
    "text": b"Guten Tag, this is text. " * 100,
    "noise": np.random.default_rng(1).bytes(5_000),
    "zeros": bytes(5_000),
    "no channels": header(100, channels=0) + bytes(100),
    "very many channels": header(4_000, channels=1_000) + bytes(4_000),
    "no rate": header(100, rate=0) + bytes(100),
    "a rate beyond all": header(100, rate=4_000_000_000) + bytes(100),
    "bits that are none": header(100, bits=0) + bytes(100),
    "half an ogg header": OGG[:40],
    "an ogg of nobody's codec": b"OggS" + OGG[4:28] + b"Speex   " + OGG[36:],
    "half a flac header": FLAC[:20],
    "an mp4 without its table": MP4[:60],
    "an mp4 that is noise": MP4[:32] + np.random.default_rng(2).bytes(3_000),
    "a webm that is noise": b"\x1aE\xdf\xa3" + np.random.default_rng(3).bytes(3_000),
    "a transport stream that is noise": (b"G" + np.random.default_rng(4).bytes(187)) * 30,
    "a list of other files": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "an html page": b"<!doctype html><script>alert(1)</script>",
    "a tag and nothing": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_sound_is_refused(tmp_path, what):
    path = kept(tmp_path, BROKEN[what])
    order = {"path": str(path), "most_seconds": 10}
    assert work(order, b"").report["fault"] == "unsupported_media"


CUT = {
    "wav": header(3_000_000_000) + bytes(3_200),
    "flac": FLAC[: len(FLAC) // 2],
    "ogg": OGG[: len(OGG) * 3 // 4],
    "mp3": MP3[: len(MP3) // 2],
    "an endless flac": ENDLESS_FLAC,
    "mp4": MP4[: len(MP4) // 2],
}


@pytest.mark.parametrize("what", CUT)
def test_what_is_cut_or_promises_too_much_gives_what_it_has_or_is_refused(tmp_path, what):
    order = {"path": str(kept(tmp_path, CUT[what])), "most_seconds": 10}
    answer = work(order, b"")
    assert answer.report.get("fault") == "unsupported_media" or len(answer.data) <= 4 * RATE
    seen = work({"path": order["path"]}, b"").report
    assert "fault" in seen or seen["seconds"] < 24 * 3600


def test_a_recording_that_is_too_long_is_too_large(tmp_path):
    path = kept(tmp_path, encode(tone(3), "ogg"))
    with pytest.raises(TooLarge, match="2 seconds"):
        decode(path, most_seconds=2)


def test_silence_packed_small_does_not_unpack_beyond_the_limit(tmp_path):
    path = kept(tmp_path, encode(Sound(np.zeros((RATE * 600, 1), np.float32), RATE), "flac"))
    assert path.stat().st_size < 200_000
    with pytest.raises(TooLarge):
        decode(path, most_seconds=60)


@pytest.mark.parametrize("what", ["noise", "an mp4 that is noise", "a list of other files"])
def test_the_child_s_refusal_is_an_error_here(tmp_path, what):
    with pytest.raises(UnsupportedMedia):
        decode(kept(tmp_path, BROKEN[what]), most_seconds=10)


def test_a_file_that_crashes_its_decoder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("common.audio.reading.PROGRAM", "tests.common.crashing_program")
    with pytest.raises(UnsupportedMedia, match="breaks"):
        probe(kept(tmp_path, MP3))


# -- what is not installed ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "data", "extra"), [("soundfile", MP3, "speech"), ("av", MP4, "media")]
)
def test_the_missing_extra_is_named(tmp_path, monkeypatch, module, data, extra):
    monkeypatch.setitem(sys.modules, module, None)
    answer = work({"path": str(kept(tmp_path, data))}, b"")
    assert answer.report["fault"] == "not_installed"
    assert f"`{extra}`" in answer.report["message"]


def test_plain_formats_are_written_without_any_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert encode(tone(), "wav")
    assert encode(tone(), "mulaw")
    with pytest.raises(NotInstalled, match="speech"):
        encode(tone(), "mp3")


def test_an_ogg_stream_is_renumbered_page_by_page():
    again = with_serial(OGG, 77)
    assert len(again) == len(OGG)
    assert again[14:18] == struct.pack("<I", 77)
    # a page whose checksum is wrong is no page to the decoder
    frames = len(soundfile.read(io.BytesIO(again))[0])
    assert frames == len(soundfile.read(io.BytesIO(OGG))[0]) > 0
