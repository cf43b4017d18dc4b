"""Chat completions, at Telnyx' older and newer path alike."""

from common import plugboard
from common.db import in_thread
from inference.queries import get_default_model
from surfaces.completions import answer_chat
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.telnyx.errors import render_stream_error
from surfaces.telnyx.translate.chat import DEFAULT_MODEL, parse_chat


async def complete(call: LiveCall) -> Answer | EventStream:
    default = ""
    if call.body.get("model") is None:
        default = await in_thread(get_default_model, call.actor, DEFAULT_MODEL)
    request = parse_chat(
        call.body, default_model=default, server_tools=plugboard.names("SERVER_TOOLS")
    )
    return await answer_chat(call, request, render_stream_error)
