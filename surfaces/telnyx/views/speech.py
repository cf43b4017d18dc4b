"""Text to speech: as bytes, as Base64, or kept for a day under an address."""

import base64
import uuid
from datetime import timedelta
from typing import Final

from common import clock
from common.db import in_thread
from files import queries, services
from files.threads import in_file_thread
from inference.origin import Origin
from inference.queries import Power
from inference.services import speak as speak_text
from inference.speakers import Source, choose_voice, find_sources
from organisations.actor import Actor
from surfaces.completions import SERVED_BY, SERVED_BY_ABOUT
from surfaces.downloads import answer_file, stored_file
from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.promises import promises
from surfaces.raw import Download, RawCall
from surfaces.telnyx.surface import public_url
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.speech import (
    CONTENT_TYPES,
    OWN,
    SPEECH,
    SPOKEN,
    Asked,
    SpeechRefused,
    choose_source,
    parse_speech,
)
from vocabulary.errors import NotFound, UpstreamRefused
from vocabulary.speech import SpeechRequest, SpeechResponse
from wire.shapes import BYTES

BUCKET: Final = "text-to-speech"
"""Where speech is kept that was asked for by its address."""
KEPT: Final = timedelta(days=1)
PATH: Final = "text-to-speech/speech"


@promises(body=SPEECH, answer=SPOKEN, sends="audio/*", returns={SERVED_BY: SERVED_BY_ABOUT})
async def speak(call: LiveCall) -> Answer:
    """Speak a text.

    The answer is sound (`audio/…`) unless `output_type` asks for JSON.
    """
    asked = parse_speech(call.body)
    source = choose_source(asked, await in_thread(find_sources, call.actor, Power.SPEECH))
    origin = Origin(surface=call.surface.name, request_id=call.request_id)
    request = await _request(call.actor, asked, source)
    try:
        response = await speak_text(call.actor, request, origin)
    except UpstreamRefused as refusal:
        if refusal.status not in (400, 404, 413, 422):
            raise
        raise SpeechRefused("voice", refusal.message) from refusal
    headers = {SERVED_BY: response.served_by} if response.served_by else {}
    return await _answer(call.actor, asked, response, headers)


async def _request(actor: Actor, asked: Asked, source: Source) -> SpeechRequest:
    """Names of Telnyx' own voices mean nothing elsewhere: a voice of the language stands in."""
    voice = asked.voice
    if asked.provider in ("", OWN):
        voice = await choose_voice(actor, source.model, voice)
    return SpeechRequest(
        model=source.model,
        text=asked.text,
        voice=voice,
        language=asked.language,
        format=asked.format,
        sample_rate=asked.sample_rate,
        speed=asked.speed,
        markup=asked.markup,
        extras=asked.extras,
    )


async def _answer(
    actor: Actor, asked: Asked, response: SpeechResponse, headers: dict[str, str]
) -> Answer:
    match asked.output:
        case "base64_output":
            body = {"base64_audio": base64.b64encode(response.audio).decode()}
            return Answer(body=body, headers=headers)
        case "audio_id":
            address = await in_file_thread(_keep, actor, response)
            return Answer(body={"audio_url": address}, headers=headers)
    return Answer(body=response.audio, headers={**headers, "content-type": _content_type(response)})


def _content_type(response: SpeechResponse) -> str:
    """Bare samples say their rate there, for they say it nowhere else."""
    kind = CONTENT_TYPES[response.format]
    bare = response.format in ("pcm", "mulaw", "alaw") and response.sample_rate
    return f"{kind};rate={response.sample_rate}" if bare else kind


# -- kept speech --------------------------------------------------------------------------------
def _keep(actor: Actor, response: SpeechResponse) -> str:
    """The address of the speech, for a day. Writes a file."""
    audio_id = str(uuid.uuid4())
    services.put_bytes(
        actor,
        BUCKET,
        audio_id,
        response.audio,
        content_type=_content_type(response),
        expires_at=clock.now() + KEPT,
    )
    return public_url(f"/{PATH}/{audio_id}")


@promises(answer=BYTES, gives="audio/*")
async def get_speech(call: RawCall) -> Download:
    """Get speech that was kept, within a day."""
    audio_id = str(parse_path_id("audio_id", call.request.path_args["audio_id"]))
    try:
        stored = await in_thread(queries.get_object, call.actor, BUCKET, audio_id)
    except NotFound:
        raise NotFound(f"there is no speech '{audio_id}'") from None
    return await answer_file("GET", call.request.headers, stored_file(stored))
