"""Token counts and log-probabilities in the OpenAI formats, both directions."""

from collections.abc import Sequence

from vocabulary.chat import TokenLogprob, Usage
from vocabulary.json import Json, JsonObject
from wire.fields import (
    as_number,
    as_object,
    find_list,
    find_object,
    find_whole,
    get_text,
    place,
)


# -- usage --------------------------------------------------------------------------------------
def parse_usage(body: JsonObject | None, at: str) -> Usage | None:
    """Audio tokens of question and answer are one count here."""
    if body is None:
        return None
    prompt = find_object(body, "prompt_tokens_details", at) or {}
    completion = find_object(body, "completion_tokens_details", at) or {}
    return Usage(
        prompt_tokens=_count(body, "prompt_tokens", at),
        completion_tokens=_count(body, "completion_tokens", at),
        cached_tokens=_count(prompt, "cached_tokens", at),
        cache_write_tokens=_count(prompt, "cache_write_tokens", at),
        reasoning_tokens=_count(completion, "reasoning_tokens", at),
        audio_tokens=_count(prompt, "audio_tokens", at) + _count(completion, "audio_tokens", at),
    )


def render_usage(usage: Usage) -> JsonObject:
    prompt = {"cached_tokens": usage.cached_tokens}
    if usage.cache_write_tokens:
        prompt["cache_write_tokens"] = usage.cache_write_tokens
    if usage.audio_tokens:
        prompt["audio_tokens"] = usage.audio_tokens
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _count(body: JsonObject, key: str, at: str) -> int:
    return find_whole(body, key, at, least=0) or 0


# -- log-probabilities --------------------------------------------------------------------------
def parse_logprobs(body: JsonObject | None, at: str) -> tuple[TokenLogprob, ...]:
    if not body:
        return ()
    inside = place(at, "content")
    tokens = find_list(body, "content", at)
    return tuple([_parse_token(token, f"{inside}[{i}]") for i, token in enumerate(tokens)])


def render_logprobs(tokens: Sequence[TokenLogprob]) -> JsonObject | None:
    if not tokens:
        return None
    return {"content": [_render_token(token) for token in tokens], "refusal": None}


def _parse_token(value: Json, at: str) -> TokenLogprob:
    body = as_object(value, at)
    top = find_list(body, "top_logprobs", at)
    token, logprob = _parse_pair(body, at)
    pairs = tuple([_parse_pair(t, f"{at}.top_logprobs[{i}]") for i, t in enumerate(top)])
    return TokenLogprob(token=token, logprob=logprob, top=pairs)


def _parse_pair(value: Json, at: str) -> tuple[str, float]:
    body = as_object(value, at)
    return get_text(body, "token", at), as_number(body.get("logprob"), place(at, "logprob"))


def _render_token(token: TokenLogprob) -> JsonObject:
    top = [_render_pair(text, logprob) for text, logprob in token.top]
    return _render_pair(token.token, token.logprob) | {"top_logprobs": top}


def _render_pair(token: str, logprob: float) -> dict[str, Json]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
