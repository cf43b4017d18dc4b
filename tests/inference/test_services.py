"""Every inference is counted; what is kept with an answer is committed before it is complete."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from decimal import Decimal

import pytest
from django.db import IntegrityError

from common.db import in_thread
from common.group_commit import Write
from inference.origin import Origin
from inference.services import Keep, complete, embed, run, stream
from organisations.actor import Actor
from organisations.models import Revision
from tests.inference.doubles import USAGE, Script
from usage.models import UsageRecord
from vocabulary.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Finished,
    Message,
    Metered,
    PartGrew,
    Text,
    Usage,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import Conflict, ModelNotFound, UpstreamTimedOut, UpstreamUnavailable
from vocabulary.streams import fold

ORIGIN = Origin(surface="test", request_id="req-1")
COST = Decimal("0.003500000")  # 900 * 2 + 100 * 1 + 200 * 8 USD a million


def ask(model: str = "up/m") -> ChatRequest:
    question = Message(role="user", parts=(Text(text="x" * 40),))
    return ChatRequest(model=model, messages=(question,), user="end-user-7")


async def entries(actor: Actor) -> list[UsageRecord]:
    rows = UsageRecord.objects.for_organisation(actor.organisation_id)
    return await in_thread(lambda: list(rows.all()))


async def entry(actor: Actor) -> UsageRecord:
    (only,) = await entries(actor)
    return only


class Notes:
    """A `Keep` that stores each answer's text as a row, and can be told to fail."""

    def __init__(self, *, refuse: bool = False, break_all: bool = False) -> None:
        self.refuse = refuse
        self.break_all = break_all
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, response: ChatResponse, complete: bool) -> Sequence[Write[str, None]]:
        self.asked.append((response.text, complete))
        return [Write(self.write, f"{response.text} {complete}")]

    def write(self, texts: Sequence[str]) -> list[Exception | None]:
        if self.break_all:
            raise IntegrityError("no row of these")
        if self.refuse:
            return [Conflict("it was deleted") for _ in texts]
        Revision.objects.bulk_create(Revision(name=text) for text in texts)
        return [None for _ in texts]


async def notes() -> list[str]:
    names = Revision.objects.exclude(name="providers").values_list("name", flat=True)
    return await in_thread(lambda: list(names))


# -- whole answers ------------------------------------------------------------------------------
async def test_a_whole_answer_is_counted_and_paid(actor: Actor):
    response = await complete(actor, ask(), ORIGIN)
    assert (response.text, response.served_by) == ("Hello there!", "up")
    row = await entry(actor)
    assert (row.outcome, row.error, row.estimated, row.streamed) == ("ok", "", False, False)
    assert (row.requested_model, row.model, row.served_by) == ("up/m", "up/m", "up")
    assert (row.prompt_tokens, row.completion_tokens) == (1000, 200)
    assert (row.cached_tokens, row.reasoning_tokens) == (100, 50)
    assert row.cost == COST
    assert (row.surface, row.request_id, row.end_user) == ("test", "req-1", "end-user-7")
    assert row.first_token_ms is None


async def test_a_model_without_a_price_has_no_cost(actor: Actor):
    await complete(actor, ask("free"), ORIGIN)
    row = await entry(actor)
    assert (row.requested_model, row.model, row.cost) == ("free", "up/free", None)


async def test_usage_the_upstream_omits_is_estimated_and_marked(actor: Actor, script: Script):
    script.usage = None
    response = await complete(actor, ask(), ORIGIN)
    assert response.usage == Usage(prompt_tokens=10, completion_tokens=3, estimated=True)
    row = await entry(actor)
    assert (row.prompt_tokens, row.completion_tokens, row.estimated) == (10, 3, True)


async def test_a_failure_is_counted_by_its_code(actor: Actor, script: Script):
    script.error = UpstreamTimedOut()
    with pytest.raises(UpstreamTimedOut):
        await complete(actor, ask(), ORIGIN)
    row = await entry(actor)
    assert (row.outcome, row.error, row.prompt_tokens) == ("failed", "upstream_timeout", 0)
    assert (row.served_by, row.cost) == ("up", Decimal(0))


async def test_a_fault_of_our_own_is_counted_too(actor: Actor, script: Script):
    script.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await complete(actor, ask(), ORIGIN)
    assert (await entry(actor)).error == "internal"


async def test_a_caller_who_goes_away_stops_the_upstream_and_is_counted(
    actor: Actor, script: Script
):
    script.hangs = True
    task = asyncio.create_task(complete(actor, ask(), ORIGIN))
    await script.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert script.hung_up.is_set()
    row = await entry(actor)
    assert (row.outcome, row.prompt_tokens, row.estimated) == ("hung_up", 10, True)


async def test_a_model_nobody_serves_is_counted_as_a_failure_of_nobody(actor: Actor):
    with pytest.raises(ModelNotFound):
        await complete(actor, ask("x" * 300), ORIGIN)
    row = await entry(actor)
    assert (row.error, row.model, row.cost) == ("model_not_found", "", None)
    assert row.requested_model == "x" * 200


async def test_what_is_kept_is_committed_when_the_answer_is_returned(actor: Actor):
    await complete(actor, ask(), ORIGIN, Notes())
    assert await notes() == ["Hello there! True"]


async def test_nothing_is_kept_of_a_failure(actor: Actor, script: Script):
    script.error = UpstreamUnavailable()
    keep = Notes()
    with pytest.raises(UpstreamUnavailable):
        await complete(actor, ask(), ORIGIN, keep)
    assert keep.asked == []


@pytest.mark.parametrize(
    ("keep", "error"),
    [(Notes(refuse=True), Conflict), (Notes(break_all=True), IntegrityError)],
    ids=["refused", "broken"],
)
async def test_an_answer_that_cannot_be_kept_is_not_returned_but_counted_once(
    actor: Actor, keep: Keep, error: type[Exception]
):
    with pytest.raises(error):
        await complete(actor, ask(), ORIGIN, keep)
    row = await entry(actor)
    assert (row.outcome, row.prompt_tokens) == ("ok", 1000)


async def test_run_raises_no_domain_error_and_writes_nothing(actor: Actor, script: Script):
    served = await run(actor, ask(), Origin(purpose="insight"))
    assert served.response is not None
    assert served.response.text == "Hello there!"
    assert (served.entry.cost, served.entry.purpose) == (COST, "insight")
    script.error = UpstreamUnavailable("gone")
    served = await run(actor, ask(), ORIGIN)
    assert (str(served.error), served.response) == ("gone", None)
    assert (served.entry.outcome, served.entry.error) == ("failed", "upstream_unavailable")
    assert await entries(actor) == []


# -- streams ------------------------------------------------------------------------------------
async def test_a_stream_is_counted_and_tells_what_it_used_last(actor: Actor):
    events = [event async for event in stream(actor, ask(), ORIGIN)]
    assert events[-2:] == [Finished(finish="stop"), Metered(usage=USAGE)]
    assert fold(events).text == "Hello there!"
    row = await entry(actor)
    assert (row.outcome, row.streamed, row.cost) == ("ok", True, COST)
    assert row.first_token_ms is not None
    assert row.first_token_ms <= row.latency_ms


async def test_what_a_stream_keeps_is_committed_before_its_end_is_told(actor: Actor):
    async for event in stream(actor, ask(), ORIGIN, Notes()):
        ended = isinstance(event, Finished | Metered)
        assert await notes() == (["Hello there! True"] if ended else [])
        assert len(await entries(actor)) == int(ended)


async def test_usage_a_stream_omits_is_estimated_and_told(actor: Actor, script: Script):
    script.usage = None
    events = [event async for event in stream(actor, ask(), ORIGIN)]
    guess = Usage(prompt_tokens=10, completion_tokens=3, estimated=True)
    assert events[-1] == Metered(usage=guess)
    assert (await entry(actor)).estimated


async def first_words(events: AsyncGenerator[ChatEvent], count: int) -> None:
    async for event in events:
        count -= isinstance(event, PartGrew)
        if not count:
            return


async def test_a_stream_that_is_closed_stops_the_upstream_and_keeps_what_came(
    actor: Actor, script: Script
):
    keep = Notes()
    async with aclosing(stream(actor, ask(), ORIGIN, keep)) as events:
        await first_words(events, 2)
    assert script.hung_up.is_set()
    assert await notes() == ["Hello there False"]
    row = await entry(actor)
    assert (row.outcome, row.estimated, row.streamed) == ("hung_up", True, True)
    assert (row.prompt_tokens, row.completion_tokens) == (10, 3)


async def test_a_stream_whose_task_is_cancelled_keeps_what_came(actor: Actor, script: Script):
    script.hangs = True

    async def read() -> None:
        async for _ in stream(actor, ask(), ORIGIN, Notes()):
            pass

    task = asyncio.create_task(read())
    await script.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert script.hung_up.is_set()
    assert await notes() == ["Hello there! False"]
    assert (await entry(actor)).outcome == "hung_up"


async def test_a_stream_that_is_closed_before_a_word_keeps_nothing(actor: Actor, script: Script):
    keep = Notes()
    async with aclosing(stream(actor, ask(), ORIGIN, keep)) as events:
        await anext(events)
    assert keep.asked == []
    row = await entry(actor)
    assert (row.outcome, row.completion_tokens) == ("hung_up", 0)


async def test_a_stream_that_is_closed_after_its_end_was_told_is_a_whole_answer(actor: Actor):
    async with aclosing(stream(actor, ask(), ORIGIN, Notes())) as events:
        async for event in events:
            if isinstance(event, Finished):
                break
    assert await notes() == ["Hello there! True"]
    assert (await entry(actor)).outcome == "ok"


async def test_a_stream_that_breaks_keeps_what_came_as_incomplete(actor: Actor, script: Script):
    script.error = UpstreamUnavailable("cut off")
    told: list[ChatEvent] = []
    with pytest.raises(UpstreamUnavailable, match="cut off"):
        async for event in stream(actor, ask(), ORIGIN, Notes()):
            told.append(event)
    assert not any(isinstance(event, Finished | Metered) for event in told)
    assert await notes() == ["Hello there! False"]
    row = await entry(actor)
    assert (row.outcome, row.error) == ("failed", "upstream_unavailable")
    assert (row.completion_tokens, row.estimated) == (3, True)


async def test_a_stream_that_fails_before_a_word_costs_nothing(actor: Actor, script: Script):
    script.words, script.error = (), UpstreamTimedOut()
    keep = Notes()
    with pytest.raises(UpstreamTimedOut):
        [event async for event in stream(actor, ask(), ORIGIN, keep)]
    assert keep.asked == []
    row = await entry(actor)
    assert (row.outcome, row.prompt_tokens, row.cost) == ("failed", 0, Decimal(0))


async def test_a_stream_of_a_model_nobody_serves_fails_at_its_first_event(actor: Actor):
    with pytest.raises(ModelNotFound):
        await anext(stream(actor, ask("nothing"), ORIGIN))
    assert (await entry(actor)).error == "model_not_found"


async def test_a_stream_that_cannot_be_kept_never_finishes_but_is_counted_once(actor: Actor):
    told: list[ChatEvent] = []
    with pytest.raises(Conflict):
        async for event in stream(actor, ask(), ORIGIN, Notes(refuse=True)):
            told.append(event)
    assert not any(isinstance(event, Finished) for event in told)
    row = await entry(actor)
    assert (row.outcome, row.cost) == ("ok", COST)


# -- embeddings ---------------------------------------------------------------------------------
async def test_embeddings_are_counted_as_such(actor: Actor, script: Script):
    script.usage = Usage(prompt_tokens=9)
    request = EmbeddingRequest(model="embed-1", inputs=("a", "b"), user="u")
    response = await embed(actor, request, ORIGIN)
    assert len(response.vectors) == 2
    row = await entry(actor)
    assert (row.purpose, row.model, row.prompt_tokens) == ("embedding", "up/embed-1", 9)
    assert (row.end_user, row.estimated) == ("u", False)


async def test_embeddings_without_usage_are_estimated(actor: Actor, script: Script):
    script.usage = None
    request = EmbeddingRequest(model="embed-1", inputs=("x" * 8, (1, 2, 3)))
    response = await embed(actor, request, ORIGIN)
    assert response.usage == Usage(prompt_tokens=5, estimated=True)
    assert (await entry(actor)).estimated


async def test_an_embedding_that_fails_is_counted(actor: Actor, script: Script):
    script.error = UpstreamTimedOut()
    with pytest.raises(UpstreamTimedOut):
        await embed(actor, EmbeddingRequest(model="embed-1", inputs=("a",)), ORIGIN)
    row = await entry(actor)
    assert (row.outcome, row.purpose) == ("failed", "embedding")
