"""Chat completions: the format is the wire's own (`wire.openai_chat`); here is what this vendor's
API refuses beyond it."""

from collections.abc import Collection

from vocabulary.chat import ChatRequest
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire.openai_chat import parse_request


def parse_chat(body: JsonObject, *, server_tools: Collection[str] = ()) -> ChatRequest:
    """Raises InvalidRequest. `server_tools` are the tool types that this server can run."""
    request = parse_request(body, server_tools=server_tools)
    if request.sampling.top_logprobs and not request.sampling.logprobs:
        raise InvalidRequest("top_logprobs", "needs 'logprobs' to be true")
    return request
