"""Fifty megabytes as people keep them: pictures and recordings, and a few words to be found."""

import io
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import docx
import numpy as np
from fpdf import FPDF
from PIL import Image

from common.audio.reading import decode
from common.audio.writing import encode
from vocabulary.errors import NotInstalled

BROKEN: Final = "scans/broken.pdf"
RECORDING: Final = "calls/voicemail.wav"
SPOKEN: Final = "the invoice for the blue house was paid in december"
_SOUNDS: Final = {"calls/voicemail.mp3": "mp3", "calls/voicemail.ogg": "ogg"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, where the answer stands, and a phrase of it."""

    text: str
    path: str
    answer: str


QUESTIONS: Final = (
    Question("How high may the glacier lift rise?", "manuals/lift.pdf", "2,840 metres"),
    Question("When is the tea garden watered?", "manuals/garden.pdf", "before sunrise"),
    Question("How is a violin bow stored?", "letters/violin.docx", "hair loosened"),
    Question("How much is a cable car ticket for a dog?", "tables/prices.csv", "dog"),
    Question("Who repairs the lighthouse lamp?", "data/people.json", "Odile"),
    Question("What does the museum show on Mondays?", "pages/museum.html", "pottery"),
    Question("Where do I leave the bicycle key?", "notes.txt", "under the third stone"),
)
HEARD: Final = Question("Was the invoice for the house paid?", RECORDING, "invoice")


def make_library(folder: Path, megabytes: int) -> Mapping[str, bytes]:
    """Files by path, about as many megabytes together; one PDF of them is cut in the middle.

    Recordings are left out where `flite` is missing, and those formats that nobody here writes.
    """
    share = megabytes * 1_000_000 // 9 * 2
    lift = _pdf(
        "The glacier lift may rise to 2,840 metres when the wind is below force six.", share
    )
    garden = _pdf("The tea garden is watered before sunrise, twice a week in summer.", share)
    return {
        "manuals/lift.pdf": lift,
        "manuals/garden.pdf": garden,
        BROKEN: lift[: len(lift) // 2],
        "letters/violin.docx": _docx("A violin bow is stored with its hair loosened.", share),
        "pages/museum.html": _html("On Mondays the museum shows pottery of the valley.", share),
        "tables/prices.csv": b"cable car ticket,francs\nadult,12\nchild,6\ndog,4\n",
        "data/people.json": b'[{"name": "Odile", "work": "repairs the lighthouse lamp"}]',
        "notes.txt": b"Please leave the bicycle key under the third stone by the gate.",
        **_recordings(folder),
    }


def _pdf(words: str, size: int) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=11)
    for number in range(4):
        pdf.add_page()
        pdf.multi_cell(0, 6, words if number == 0 else f"Plate {number}")
        pdf.image(io.BytesIO(_picture(size // 4, seed=number)), w=150)
    return bytes(pdf.output())


def _docx(words: str, size: int) -> bytes:
    document = docx.Document()
    document.add_paragraph(words)
    document.add_picture(io.BytesIO(_picture(size, seed=9)), width=docx.shared.Cm(12))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _html(words: str, size: int) -> bytes:
    """A page that brings its pictures and programs along."""
    program = "<script>" + "let unread = 1;\n" * (size // 16) + "</script>"
    page = f"<!doctype html><title>Museum</title><body><p>{words}</p>{program}</body>"
    return page.encode()


def _picture(size: int, seed: int) -> bytes:
    """A JPEG of about `size` bytes, of noise: nothing makes it smaller."""
    side = int((size / 0.9) ** 0.5)
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=90)
    return out.getvalue()


def _recordings(folder: Path) -> Mapping[str, bytes]:
    if shutil.which("flite") is None:
        return {}
    said = folder / "said.wav"
    subprocess.run(["flite", "-voice", "slt", "-t", SPOKEN, "-o", str(said)], check=True)
    made = {RECORDING: said.read_bytes()}
    sound = decode(said, most_seconds=60)
    for path, format in _SOUNDS.items():
        try:
            made[path] = encode(sound, format)
        except NotInstalled:
            continue
    return made
