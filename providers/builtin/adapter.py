"""The builtin models behind the protocols of other upstreams: no key, no network, no server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from providers.builtin import dialogue, extractive, minilm
from providers.builtin.answers import Said, check_copies, respond, word_by_word
from providers.builtin.echo import echo
from providers.builtin.speech.powers import Speech
from providers.builtin.threads import LANE
from providers.builtin.tokens import encode
from providers.builtin.tuning import store
from providers.builtin.tuning.classifier import classify
from providers.builtin.tuning.trainer import Trainer
from providers.protocols import Target
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, PartGrew, Usage
from vocabulary.embeddings import EmbeddingInput, EmbeddingRequest, EmbeddingResponse
from vocabulary.errors import ModelNotFound, Unrepresentable
from vocabulary.streams import explode

CHATS: Mapping[str, Callable[[ChatRequest], Said]] = {
    "extractive": extractive.answer,
    "echo": echo,
}
EMBEDDER = "minilm"
# Others may compute between two batches of a large request.
BATCH_TOKENS = 4_096
MAX_TEXT_TOKENS = 8_192
# Of all texts of a request; what is longer is not even counted.
MAX_CHARACTERS = 1_000_000
BREATH = 100
"""Events that a stream tells before others in the event loop have a turn."""
MAX_WORD_DELAY = 1.0


class Builtin(Trainer, Speech):
    """Chats with `extractive` and `echo`, embeds with `minilm`, trains classifiers and answers
    with them.

    The account's option `word_delay` (seconds) slows streams down for demonstrations.
    """

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        """Raises `ModelNotFound`, `Unrepresentable`, `InvalidRequest` or `UpstreamRefused`."""
        model = CHATS.get(target.model)
        if model is None and not target.model.startswith(store.PREFIX):
            raise ModelNotFound(f"builtin/{target.model} is no builtin chat model")
        dialogue.check_parts(request, target.model)
        dialogue.check_length(request, target.model)
        check_copies(request)
        if model is None:
            return await LANE.run(classify, await store.get_head(target.model), request, target)
        return await LANE.run(_answer, model, request, target)

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        """The whole answer, told word by word; a label, which may be words, at once."""
        delay = _word_delay(target)
        response = await self.complete(request, target)
        events = explode(response) if target.model not in CHATS else word_by_word(response)
        for number, event in enumerate(events, start=1):
            if delay and isinstance(event, PartGrew):
                await asyncio.sleep(delay)
            elif number % BREATH == 0:
                await asyncio.sleep(0)
            yield event

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse:
        """Raises `ModelNotFound`, `Unrepresentable`, or `NotInstalled` without the weights."""
        if target.model != EMBEDDER:
            raise ModelNotFound(f"builtin/{target.model} is no builtin embedding model")
        if request.dimensions not in (None, minilm.DIMENSIONS):
            message = f"builtin/minilm has {minilm.DIMENSIONS} dimensions"
            raise Unrepresentable("dimensions", message)
        texts = [_text(place, given) for place, given in enumerate(request.inputs)]
        if sum(map(len, texts)) > MAX_CHARACTERS:
            raise Unrepresentable("input", f"builtin/minilm reads {MAX_CHARACTERS} characters")
        tokens = await LANE.run(_count, texts)
        vectors: list[tuple[float, ...]] = []
        for batch in _batches(texts, tokens):
            vectors += await LANE.run(_embed, batch)
        return EmbeddingResponse(
            model=target.name,
            vectors=tuple(vectors),
            usage=Usage(prompt_tokens=sum(tokens)),
            served_by=target.account.name,
        )


def _answer(
    model: Callable[[ChatRequest], Said], request: ChatRequest, target: Target
) -> ChatResponse:
    dialogue.check_tools(request)
    return respond(request, target, model(request))


def _word_delay(target: Target) -> float:
    delay = target.account.options.get("word_delay")
    return min(float(delay), MAX_WORD_DELAY) if isinstance(delay, int | float) else 0.0


def _text(place: int, given: EmbeddingInput) -> str:
    if isinstance(given, str):
        return given
    message = "token ids belong to another model's vocabulary; builtin/minilm takes text"
    raise Unrepresentable(f"input[{place}]", message)


def _count(texts: list[str]) -> list[int]:
    """Tokens of each text; none may be too long to be read whole."""
    counts = [len(ids) for ids in encode(texts)]
    for place, tokens in enumerate(counts):
        if tokens > MAX_TEXT_TOKENS:
            message = f"has {tokens} tokens; builtin/minilm reads up to {MAX_TEXT_TOKENS}"
            raise Unrepresentable(f"input[{place}]", message)
    return counts


def _batches(texts: list[str], tokens: list[int]) -> Iterator[list[str]]:
    """The texts in order, so many at a time that a batch takes about half a second."""
    batch: list[str] = []
    room = BATCH_TOKENS
    for text, length in zip(texts, tokens, strict=True):
        if batch and room < length:
            yield batch
            batch, room = [], BATCH_TOKENS
        batch.append(text)
        room -= max(length, 1)
    if batch:
        yield batch


def _embed(texts: list[str]) -> list[tuple[float, ...]]:
    return [tuple(vector) for vector in minilm.embed(texts).tolist()]
