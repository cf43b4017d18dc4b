"""Chat completions."""

from surfaces.completions import JOINING, PROMISED, answer_chat
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.openai.errors import render_stream_error
from surfaces.openai.translate.chat import parse_chat
from surfaces.promises import promises
from wire.openai_shapes import CHAT, CHUNK, COMPLETION


@promises(body=CHAT, answer=COMPLETION, events=CHUNK, headers=JOINING, returns=PROMISED)
async def complete(call: LiveCall) -> Answer | EventStream:
    """Answer a chat, whole or as a stream.

    In a conversation, the new messages and the answer are stored before the answer is complete.
    """
    request = parse_chat(call.body)
    return await answer_chat(call, request, render_stream_error)
