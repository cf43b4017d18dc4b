"""Chat requests in the OpenAI format, both directions.

Fields that only tune or label are kept in `extras["openai"]` and said again as they came. Unknown
ones are ignored, as every server of this format does. What would change the answer and cannot be
carried is refused: audio output, web search, moderation, the deprecated `functions`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from vocabulary.chat import ChatRequest, Sampling
from vocabulary.errors import InvalidRequest, Unrepresentable
from vocabulary.json import Json, JsonObject
from wire.fields import (
    as_list,
    as_number,
    as_object,
    as_text,
    find_flag,
    find_list,
    find_number,
    find_object,
    find_text,
    find_whole,
    get_list,
    get_text,
    place,
)
from wire.openai_messages import parse_messages, render_messages
from wire.openai_tools import (
    parse_output,
    parse_tool_choice,
    parse_tools,
    render_output,
    render_tool,
    render_tool_choice,
)

KEPT = (
    "chat_template_kwargs",
    "enable_thinking",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "verbosity",
)
REFUSED = ("audio", "function_call", "functions", "moderation", "web_search_options")
MAX_STOPS = 4
MAX_METADATA = 16


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the answer shall travel: whole, or as a stream that may end with what it used."""

    stream: bool = False
    include_usage: bool = False


def parse_delivery(body: JsonObject) -> Delivery:
    options = find_object(body, "stream_options", "")
    return Delivery(
        stream=find_flag(body, "stream", "") or False,
        include_usage=bool(options and find_flag(options, "include_usage", "stream_options")),
    )


# -- reading ------------------------------------------------------------------------------------
def parse_request(body: Json, *, server_tools: Collection[str] = ()) -> ChatRequest:
    """Raises InvalidRequest. `server_tools` are the tool types that we run ourselves."""
    body = as_object(body, "")
    _refuse(body)
    kept = {key: body[key] for key in KEPT if body.get(key) is not None}
    return ChatRequest(
        model=get_text(body, "model", ""),
        messages=parse_messages(get_list(body, "messages", ""), "messages"),
        tools=parse_tools(find_list(body, "tools", ""), "tools", server_tools),
        tool_choice=parse_tool_choice(body.get("tool_choice"), "tool_choice"),
        sampling=_parse_sampling(body),
        output=parse_output(find_object(body, "response_format", ""), "response_format"),
        stop=_parse_stop(body.get("stop")),
        user=find_text(body, "user", ""),
        metadata=_parse_metadata(find_object(body, "metadata", "") or {}),
        extras={"openai": kept} if kept else {},
    )


def _refuse(body: JsonObject) -> None:
    for key in REFUSED:
        if body.get(key) is not None:
            raise Unrepresentable(key, f"{key!r} is not supported")
    for i, modality in enumerate(find_list(body, "modalities", "")):
        if modality != "text":
            raise Unrepresentable(f"modalities[{i}]", "only 'text' is supported")


def _parse_sampling(body: JsonObject) -> Sampling:
    longest = find_whole(body, "max_completion_tokens", "", least=1)
    older = find_whole(body, "max_tokens", "", least=1)
    return Sampling(
        temperature=find_number(body, "temperature", "", least=0, most=2),
        top_p=find_number(body, "top_p", "", least=0, most=1),
        min_p=find_number(body, "min_p", "", least=0, most=1),
        max_tokens=older if longest is None else longest,
        frequency_penalty=find_number(body, "frequency_penalty", "", least=-2, most=2),
        presence_penalty=find_number(body, "presence_penalty", "", least=-2, most=2),
        seed=find_whole(body, "seed", "", least=float("-inf")),
        n=find_whole(body, "n", "", least=1, most=128) or 1,
        logprobs=find_flag(body, "logprobs", "") or False,
        top_logprobs=find_whole(body, "top_logprobs", "", least=0, most=20),
        logit_bias=_parse_bias(find_object(body, "logit_bias", "")),
        reasoning_effort=find_text(body, "reasoning_effort", ""),
        parallel_tool_calls=find_flag(body, "parallel_tool_calls", ""),
    )


def _parse_bias(body: JsonObject | None) -> dict[str, float] | None:
    if body is None:
        return None
    return {token: as_number(bias, place("logit_bias", token)) for token, bias in body.items()}


def _parse_stop(value: Json) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    stops = as_list(value, "stop")
    if len(stops) > MAX_STOPS:
        raise InvalidRequest("stop", f"must hold at most {MAX_STOPS} texts")
    return tuple([as_text(stop, f"stop[{i}]") for i, stop in enumerate(stops)])


def _parse_metadata(body: JsonObject) -> dict[str, str]:
    if len(body) > MAX_METADATA:
        raise InvalidRequest("metadata", f"must hold at most {MAX_METADATA} pairs")
    return {key: as_text(value, place("metadata", key)) for key, value in body.items()}


# -- writing ------------------------------------------------------------------------------------
def render_request(
    request: ChatRequest, *, max_tokens_field: str = "max_completion_tokens"
) -> dict[str, Json]:
    """Raises Unrepresentable. Older servers know the length limit only as `max_tokens`."""
    body: dict[str, Json] = {
        "model": request.model,
        "messages": render_messages(request.messages, "messages"),
    }
    if request.tools:
        body["tools"] = [render_tool(t, f"tools[{i}]") for i, t in enumerate(request.tools)]
    if request.tool_choice is not None:
        body["tool_choice"] = render_tool_choice(request.tool_choice)
    if request.output is not None:
        body["response_format"] = render_output(request.output)
    if request.stop:
        body["stop"] = list(request.stop)
    if request.user is not None:
        body["user"] = request.user
    if request.metadata:
        body["metadata"] = dict(request.metadata)
    body |= _render_sampling(request.sampling, max_tokens_field)
    body |= request.extras.get("openai", {})
    return body


def _render_sampling(sampling: Sampling, max_tokens_field: str) -> dict[str, Json]:
    given: dict[str, Json] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        max_tokens_field: sampling.max_tokens,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
        "n": sampling.n if sampling.n > 1 else None,
        "logprobs": sampling.logprobs or None,
        "top_logprobs": sampling.top_logprobs,
        "logit_bias": sampling.logit_bias,
        "reasoning_effort": sampling.reasoning_effort,
        "parallel_tool_calls": sampling.parallel_tool_calls,
    }
    return {key: value for key, value in given.items() if value is not None}
