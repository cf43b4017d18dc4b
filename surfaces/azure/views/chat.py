"""Chat completions, for one model an endpoint and for many."""

from dataclasses import replace

from inference.queries import Power
from surfaces.azure.errors import render_stream_error
from surfaces.azure.translate.chat import CHAT, USAGE, parse_chat
from surfaces.azure.views.deployments import PASSING, RETURNED, VERSION, echo, find_model
from surfaces.completions import JOINING, answer_chat
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.promises import promises
from wire.openai_shapes import CHUNK, COMPLETION
from wire.shapes import TEXT


@promises(
    body=CHAT, answer=COMPLETION, events=CHUNK, query=VERSION, headers=(PASSING, *JOINING),
    returns=RETURNED, path={"deployment": TEXT},
)  # fmt: skip
async def complete(call: LiveCall) -> Answer | EventStream:
    """Answer a chat, whole or as a stream that ends with what was used.

    In a conversation, the new messages and the answer are stored before the answer is complete.
    """
    model = await find_model(call, Power.CHAT)
    request = parse_chat(call.body, call.headers, model=model)
    told = replace(call, body={**call.body, "stream_options": USAGE})
    return echo(call, await answer_chat(told, request, render_stream_error))
