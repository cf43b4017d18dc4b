"""Token counts and log-probabilities of the Generative Language API."""

from collections.abc import Sequence

from vocabulary.chat import TokenLogprob, Usage
from vocabulary.json import Json, JsonObject
from wire.fields import as_number, as_object, find_list, find_whole, get_text, place


# -- usage --------------------------------------------------------------------------------------
def read_usage(body: JsonObject | None) -> Usage | None:
    """Thoughts are counted beside the words of an answer, and what tools found beside the prompt;
    cached tokens are part of it."""
    if not body:
        return None
    thoughts = _count(body, "thoughtsTokenCount")
    return Usage(
        prompt_tokens=_count(body, "promptTokenCount") + _count(body, "toolUsePromptTokenCount"),
        completion_tokens=_count(body, "candidatesTokenCount") + thoughts,
        cached_tokens=_count(body, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
        audio_tokens=_audio(body, "promptTokensDetails") + _audio(body, "candidatesTokensDetails"),
    )


def _audio(body: JsonObject, key: str) -> int:
    counts = [as_object(value, key) for value in find_list(body, key, "usageMetadata")]
    return sum(_count(one, "tokenCount") for one in counts if one.get("modality") == "AUDIO")


def _count(body: JsonObject, key: str) -> int:
    return find_whole(body, key, "usageMetadata", least=0) or 0


# -- log-probabilities --------------------------------------------------------------------------
def read_logprobs(body: JsonObject | None, at: str) -> tuple[TokenLogprob, ...]:
    if not body:
        return ()
    chosen = find_list(body, "chosenCandidates", at)
    others = find_list(body, "topCandidates", at)
    return tuple(
        _read_token(one, others[i : i + 1], f"{at}.chosenCandidates[{i}]")
        for i, one in enumerate(chosen)
    )


def _read_token(value: Json, others: Sequence[Json], at: str) -> TokenLogprob:
    token, logprob = _read_pair(value, at)
    tops = [top for one in others for top in find_list(as_object(one, at), "candidates", at)]
    return TokenLogprob(
        token=token, logprob=logprob, top=tuple(_read_pair(top, at) for top in tops)
    )


def _read_pair(value: Json, at: str) -> tuple[str, float]:
    body = as_object(value, at)
    logprob = as_number(body.get("logProbability") or 0, place(at, "logProbability"))
    return get_text(body, "token", at), logprob
