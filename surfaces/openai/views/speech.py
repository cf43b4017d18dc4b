"""Text to speech: the answer is sound."""

from dataclasses import replace

from inference.origin import Origin
from inference.services import speak as speak_text
from inference.speakers import choose_voice
from surfaces.completions import SERVED_BY, SERVED_BY_ABOUT
from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.openai.translate.speech import CONTENT_TYPES, OWN_VOICES, SPEECH, parse_speech
from surfaces.promises import promises
from wire.shapes import BYTES


@promises(body=SPEECH, answer=BYTES, gives="audio/*", returns={SERVED_BY: SERVED_BY_ABOUT})
async def speak(call: LiveCall) -> Answer:
    """Speak a text."""
    request = parse_speech(call.body)
    if request.voice in OWN_VOICES:
        voice = await choose_voice(call.actor, request.model, request.voice)
        request = replace(request, voice=voice)
    origin = Origin(surface=call.surface.name, request_id=call.request_id)
    response = await speak_text(call.actor, request, origin)
    headers = {"content-type": CONTENT_TYPES[request.format]}
    if response.served_by:
        headers[SERVED_BY] = response.served_by
    return Answer(body=response.audio, headers=headers)
