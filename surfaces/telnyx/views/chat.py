"""Chat completions, at Telnyx' older and newer path alike."""

from common import plugboard
from common.db import in_thread
from inference.queries import get_default_model
from surfaces.completions import JOINING, PROMISED, answer_chat
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.promises import promises
from surfaces.telnyx.errors import render_stream_error
from surfaces.telnyx.translate.chat import CHAT, DEFAULT_MODEL, parse_chat
from wire.openai_shapes import CHUNK, COMPLETION


@promises(body=CHAT, answer=COMPLETION, events=CHUNK, headers=JOINING, returns=PROMISED)
async def complete(call: LiveCall) -> Answer | EventStream:
    """Answer a chat, whole or as a stream.

    In a conversation, the new messages and the answer are stored before the answer is complete.
    """
    default = ""
    if call.body.get("model") is None:
        default = await in_thread(get_default_model, call.actor, DEFAULT_MODEL)
    request = parse_chat(
        call.body, default_model=default, server_tools=plugboard.names("SERVER_TOOLS")
    )
    return await answer_chat(call, request, render_stream_error)
