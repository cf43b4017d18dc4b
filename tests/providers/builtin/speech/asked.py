"""Requests of the builtin voice and ear, and speech that is not its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from providers.protocols import Account, Target
from vocabulary.speech import SpeechRequest
from vocabulary.transcription import Recording, TranscriptionRequest

needs_flite = pytest.mark.skipif(
    shutil.which("flite") is None, reason="flite, the other voice, is not installed"
)


def target(model: str) -> Target:
    return Target(account=Account(name="builtin", kind="builtin"), model=model)


def saying(text: str = "Good morning, how can I help you?", **more) -> SpeechRequest:
    return SpeechRequest(model="builtin/speak", text=text, **more)


def hearing(path: Path, **more) -> TranscriptionRequest:
    return TranscriptionRequest(model="builtin/listen", recording=Recording(path=path), **more)


def said_by_flite(text: str, folder: Path, voice: str = "rms") -> Path:
    path = folder / "said.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
    return path
