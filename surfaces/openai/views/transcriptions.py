"""Recordings written down. The form is read as it comes in; a recording is never held whole."""

from typing import Final

from inference import services
from inference.origin import Origin
from surfaces.completions import SERVED_BY, SERVED_BY_ABOUT
from surfaces.forms import FORM as FORM_TYPE
from surfaces.forms import FormUpload, read_form
from surfaces.kit import Answer
from surfaces.leaving import WhileThere
from surfaces.openai.translate.transcriptions import (
    FORM,
    TRANSCRIPTION,
    Asked,
    parse_transcription,
    render_transcription,
)
from surfaces.promises import promises
from surfaces.raw import RawCall
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from vocabulary.transcription import Recording, TranscriptionRequest

MOST_FILE: Final = 100 * 1024 * 1024
MOST_BYTES: Final = MOST_FILE + 1024 * 1024


@promises(
    body=FORM, takes=FORM_TYPE, answer=TRANSCRIPTION, sends="text/plain",
    returns={SERVED_BY: SERVED_BY_ABOUT},
)  # fmt: skip
async def transcribe(call: RawCall) -> Answer:
    """Write down what is said in a recording of up to 100 MB.

    The answer is text where `response_format` is `text`, `srt` or `vtt`.
    """
    async with read_form(call.request, most_file=MOST_FILE) as form:
        asked = parse_transcription(form.fields)
        wanted = _request(asked, form.files.get("file"))
        origin = Origin(surface=call.surface.name, request_id=call.request.request_id)
        async with WhileThere(call.request.gone):
            response = await services.transcribe(call.actor, wanted, origin)
    served = {SERVED_BY: response.served_by} if response.served_by else {}
    return _answer(render_transcription(response, asked), served)


@promises(body=FORM, takes=FORM_TYPE, answer=TRANSCRIPTION)
async def translate(call: RawCall) -> Answer:
    """Always refused: no upstream here translates recordings."""
    async with read_form(call.request, most_file=MOST_FILE):
        message = "no model here translates recordings: transcribe one, then ask a chat model"
        raise InvalidRequest("", message)


def _request(asked: Asked, upload: FormUpload | None) -> TranscriptionRequest:
    if upload is None:
        raise InvalidRequest("file", "is required", missing=True)
    if upload.spooled.size == 0:
        raise InvalidRequest("file", "is empty")
    return TranscriptionRequest(
        model=asked.model,
        recording=Recording(
            path=upload.spooled.path, name=upload.filename, size=upload.spooled.size
        ),
        language=asked.language,
        prompt=asked.prompt,
        temperature=asked.temperature,
        granularities=asked.times,
    )


def _answer(body: JsonObject | str, headers: dict[str, str]) -> Answer:
    if isinstance(body, str):
        kind = {"content-type": "text/plain; charset=utf-8"}
        return Answer(body=body.encode(), headers={**headers, **kind})
    return Answer(body=body, headers=headers)
