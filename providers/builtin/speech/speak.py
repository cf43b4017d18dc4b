"""`builtin/speak`: robotic but always there, in more than a hundred languages."""

from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from common.audio import Sound, encode, rate_for
from common.programs import Limits, Program
from providers.builtin.speech.children import run_apart
from providers.builtin.speech.voices import (
    PROGRAM,
    check_installed,
    choose_voice,
    load_voices,
)
from providers.builtin.threads import THREADS, Lane
from providers.protocols import Target
from vocabulary.chat import Usage
from vocabulary.errors import InvalidRequest
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice

MOST_CHARACTERS = 10_000
MOST_SECONDS = 900
PACE: Final = 175
"""Words a minute at speed 1; the engine knows 80 to 450."""
LEAST_PACE, MOST_PACE = 80, 450
LIMITS = Limits(seconds=60)
LANE = Lane(THREADS, 200)


async def speak(request: SpeechRequest, target: Target) -> SpeechResponse:
    """Equal requests give equal bytes. A speed beyond 0.46 to 2.57 is taken as the nearest.

    Raises `InvalidRequest` for texts too long or no SSML, and for a voice, language or sample rate
    that there is not; `NotInstalled` without the extra.
    """
    check_installed()
    _check(request)
    rate, audio = await run_apart(LANE, Program(PROGRAM, LIMITS), _spoken, request)
    return SpeechResponse(
        model=target.name,
        audio=audio,
        format=request.format,
        sample_rate=rate,
        usage=Usage(characters=len(request.text)),
        served_by=target.account.name,
    )


async def find_voices() -> tuple[Voice, ...]:
    voices = await run_apart(LANE, Program(PROGRAM, LIMITS), lambda _: load_voices())
    return tuple(voice.told() for voice in voices)


def _check(request: SpeechRequest) -> None:
    if not request.text.strip():
        raise InvalidRequest("text", "there is nothing to say", missing=not request.text)
    if len(request.text) > MOST_CHARACTERS:
        raise InvalidRequest("text", f"builtin/speak reads up to {MOST_CHARACTERS} characters")
    if request.markup == "ssml":
        _check_ssml(request.text)


def _check_ssml(text: str) -> None:
    """The engine reads what it can of anything, entities and files too; this one does not."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise InvalidRequest("text", "the text is not well-formed SSML") from error
    if any(str(element.tag).rpartition("}")[2] == "audio" for element in root.iter()):
        raise InvalidRequest("text", "builtin/speak plays no recordings: <audio> is not taken")


def _spoken(program: Program, request: SpeechRequest) -> tuple[int, bytes]:
    """The sample rate, and the sound."""
    voice = choose_voice(request.voice, request.language)
    # What the format cannot be asked for is said before anything is spoken.
    rate_for(0, request.format, request.sample_rate)
    pace = round(PACE * request.speed)
    answer = program.run(
        {
            "voice": voice.id,
            "pace": min(max(pace, LEAST_PACE), MOST_PACE),
            "is_ssml": request.markup == "ssml",
            "most_seconds": MOST_SECONDS,
        },
        request.text.replace("\0", " ").encode(errors="replace"),
    )
    if answer.report.get("fault") == "length":
        raise InvalidRequest("text", f"it would take longer than {MOST_SECONDS} seconds to say")
    own = answer.report["rate"]
    assert isinstance(own, int)
    rate = rate_for(own, request.format, request.sample_rate)
    return rate, encode(Sound.of_pcm(answer.data, own), request.format, rate)
