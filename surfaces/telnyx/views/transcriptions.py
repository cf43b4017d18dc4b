"""Recordings written down. The form is read as it comes in; a recording is never held whole."""

from contextlib import AsyncExitStack
from typing import Final

from common.db import in_thread
from common.downloads import fetch_file
from inference import services
from inference.origin import Origin
from inference.queries import Power, choose_model
from inference.speakers import get_kind
from surfaces.completions import SERVED_BY, SERVED_BY_ABOUT
from surfaces.forms import FORM as FORM_TYPE
from surfaces.forms import Form, read_form
from surfaces.kit import Answer
from surfaces.leaving import WhileThere
from surfaces.promises import promises
from surfaces.raw import RawCall
from surfaces.telnyx.translate.transcriptions import (
    FORM,
    MODELS,
    TRANSCRIPTION,
    Asked,
    check_config,
    check_source,
    parse_transcription,
    render_transcription,
)
from vocabulary.errors import InvalidRequest
from vocabulary.transcription import Recording, TranscriptionRequest

MOST_FILE: Final = 100 * 1024 * 1024
MOST_BYTES: Final = MOST_FILE + 1024 * 1024


@promises(body=FORM, takes=FORM_TYPE, answer=TRANSCRIPTION, returns={SERVED_BY: SERVED_BY_ABOUT})
async def transcribe(call: RawCall) -> Answer:
    """Write down what is said in a recording of up to 100 MB."""
    async with AsyncExitStack() as stack:
        form = await stack.enter_async_context(read_form(call.request, most_file=MOST_FILE))
        asked = parse_transcription(form.fields)
        check_source(asked, has_file="file" in form.files)
        model = await in_thread(choose_model, call.actor, asked.model, Power.TRANSCRIPTION, MODELS)
        if asked.config:
            check_config(asked, await get_kind(call.actor, model, Power.TRANSCRIPTION))
        recording = await _open_recording(asked, form, stack)
        origin = Origin(surface=call.surface.name, request_id=call.request.request_id)
        async with WhileThere(call.request.gone):
            wanted = _request(asked, model, recording)
            response = await services.transcribe(call.actor, wanted, origin)
    return Answer(
        body=render_transcription(response, verbose=asked.verbose),
        headers={SERVED_BY: response.served_by} if response.served_by else {},
    )


def _request(asked: Asked, model: str, recording: Recording) -> TranscriptionRequest:
    return TranscriptionRequest(
        model=model,
        recording=recording,
        language=asked.language,
        prompt=asked.prompt,
        temperature=asked.temperature,
        granularities=asked.times,
        extras=asked.extras,
    )


async def _open_recording(asked: Asked, form: Form, stack: AsyncExitStack) -> Recording:
    """The file that came, or the one that is somewhere on the web."""
    if asked.file_url is not None:
        fetched = await stack.enter_async_context(fetch_file(asked.file_url, most=MOST_FILE))
        recording = Recording(path=fetched.path, size=fetched.size)
    else:
        upload = form.files["file"]
        recording = Recording(
            path=upload.spooled.path, name=upload.filename, size=upload.spooled.size
        )
    if recording.size == 0:
        raise InvalidRequest("file", "is empty")
    return recording
