"""Summaries of files in buckets, whatever they are made of."""

from inference.origin import Origin
from knowledge.reading.extracts import Unreadable
from knowledge.summaries import summarise
from surfaces.kit import Answer
from surfaces.live import LiveCall
from surfaces.promises import promises
from surfaces.telnyx.translate.pages import data_of, render_data
from surfaces.telnyx.translate.summarize import (
    SUMMARIZE,
    SUMMARY,
    parse_summarize,
    render_summary,
)
from vocabulary.errors import InvalidRequest


@promises(body=SUMMARIZE, answer=data_of(SUMMARY))
async def summarize(call: LiveCall) -> Answer:
    """Summarize a file of a bucket: a document, or a recording, which is transcribed first."""
    call.actor.require("read")
    asked = parse_summarize(call.body)
    try:
        summary = await summarise(
            call.actor,
            asked.bucket,
            asked.filename,
            system_prompt=asked.system_prompt,
            origin=Origin(surface=call.surface.name, request_id=call.request_id),
        )
    except Unreadable as fault:
        raise InvalidRequest("filename", fault.message) from fault
    return Answer(body=render_data(render_summary(summary)))
