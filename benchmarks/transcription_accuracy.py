"""How often `builtin/listen` mishears: word error rates on clear synthetic speech.

    python benchmarks/transcription_accuracy.py

speaks the sentences below with every voice of `flite` that is asked for (Debian's package of that
name; its voices are not our speaker's), lets `builtin/listen` write them down, and prints the table
of docs/speech-accuracy.md. Ruined copies of one voice's speech show where the ear gives up.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from common.audio import Sound, decode, encode
from common.audio.resampling import resample
from providers.builtin.speech.listen import transcribe
from providers.protocols import Account, Target
from vocabulary.transcription import Recording, TranscriptionRequest, TranscriptionResponse

VOICES = ("slt", "rms", "awb", "kal16")
RUINED = "slt"
TELEPHONE = 8_000
SEED = 7
SENTENCES = (
    "please call me back tomorrow morning before nine o'clock",
    "the weather in the mountains changes faster than you would expect",
    "my order has not arrived and nobody answers the telephone",
    "she bought three tickets for the evening train to the coast",
    "we would like to thank everyone who helped with the project",
    "the meeting was moved from monday to thursday afternoon",
    "he opened the window because the room was too warm",
    "a small dog ran across the road and into the garden",
    "could you tell me how much the repair is going to cost",
    "they have lived in the same house for more than twenty years",
    "the bank will send a new card within five working days",
    "there is a problem with the bill that i received last week",
    "most people drink coffee in the morning and tea in the evening",
    "the doctor said that i should rest for a few days",
    "our office is closed on sunday but open every other day",
    "the children played football until it was too dark to see",
    "i would like to change the address on my account",
    "the old bridge over the river was built by hand",
    "if you need more information please visit our web site",
    "the company plans to open two new stores in the spring",
    "water freezes at zero degrees and boils at one hundred",
    "the music was so loud that we could not hear each other",
    "it took almost an hour to find a place to park the car",
    "the teacher asked the students to write a short story",
)

type Change = Callable[[Sound], Sound]


def speak(text: str, voice: str, folder: Path) -> Path:
    """A file of `flite` saying `text`."""
    path = folder / "spoken.wav"
    said = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
    subprocess.run(said, check=True, stdout=subprocess.DEVNULL)
    return path


def listen(path: Path) -> TranscriptionResponse:
    """What `builtin/listen` makes of it."""
    request = TranscriptionRequest(model="builtin/listen", recording=Recording(path=path))
    target = Target(account=Account(name="builtin", kind="builtin"), model="listen")
    return asyncio.run(transcribe(request, target))


def count_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to put in, leave out or replace: what is divided by how many were said."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        above, row[0] = row[0], number
        for place, other in enumerate(heard, 1):
            cost = min(row[place] + 1, row[place - 1] + 1, above + (word != other))
            above, row[place] = row[place], cost
    return row[-1]


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Of all texts together, each as it was said and as it was heard."""
    words = errors = 0
    for said, heard in pairs:
        words += len(said.split())
        errors += count_errors(said.split(), heard.split())
    return errors / words


def telephone(sound: Sound) -> Sound:
    """300 to 3,400 hertz, at 8,000 samples a second."""
    narrow = resample(sound.mono(), TELEPHONE)
    spectrum = np.fft.rfft(narrow.samples[:, 0])
    hertz = np.fft.rfftfreq(len(narrow.samples), 1 / TELEPHONE)
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0
    samples = np.fft.irfft(spectrum, len(narrow.samples)).astype(np.float32)
    return Sound(samples.reshape(-1, 1), TELEPHONE)


def noisy(decibels: float) -> Change:
    """White noise so many decibels below the speech."""

    def change(sound: Sound) -> Sound:
        power = float(np.mean(sound.samples**2)) / 10 ** (decibels / 10)
        noise = np.random.default_rng(SEED).normal(scale=power**0.5, size=sound.samples.shape)
        return Sound((sound.samples + noise).astype(np.float32), sound.rate)

    return change


def compressed(sound: Sound) -> Sound:
    return sound


CHANGES: tuple[tuple[str, Change, str], ...] = (
    ("as mp3", compressed, "mp3"),
    ("over a telephone's band", telephone, "wav"),
    ("noise 20 dB below", noisy(20), "wav"),
    ("noise 10 dB below", noisy(10), "wav"),
)


def measure(voice: str, sentences: Sequence[str], folder: Path) -> float:
    """The word error rate of a voice."""
    return error_rate((text, listen(speak(text, voice, folder)).text) for text in sentences)


def measure_changed(change: Change, kind: str, sentences: Sequence[str], folder: Path) -> float:
    """The same of `RUINED` after a change, written as a file of `kind`."""
    pairs = []
    for text in sentences:
        sound = change(decode(speak(text, RUINED, folder), most_seconds=60))
        path = folder / f"changed.{kind}"
        path.write_bytes(encode(sound, "mp3" if kind == "mp3" else "wav"))
        pairs.append((text, listen(path).text))
    return error_rate(pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", nargs="*", default=VOICES)
    given = parser.parse_args()
    if shutil.which("flite") is None:
        sys.exit("flite is not installed (Debian: apt-get install flite)")
    print("| speech | word error rate |\n|---|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for voice in given.voices:
            print(f"| {voice} | {measure(voice, SENTENCES, folder):.2f} |", flush=True)
        for said, change, kind in CHANGES:
            rate = measure_changed(change, kind, SENTENCES, folder)
            print(f"| {RUINED}, {said} | {rate:.2f} |", flush=True)


if __name__ == "__main__":
    import django

    django.setup()
    main()
