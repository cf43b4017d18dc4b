"""Chat completions."""

from common import plugboard
from surfaces.completions import answer_chat
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.openai.errors import render_stream_error
from surfaces.openai.translate.chat import parse_chat


async def complete(call: LiveCall) -> Answer | EventStream:
    request = parse_chat(call.body, server_tools=plugboard.names("SERVER_TOOLS"))
    return await answer_chat(call, request, render_stream_error)
