"""Summaries, by a model in memory and by the builtin one that quotes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from common.db import in_thread
from files.services import put_bytes
from inference.origin import Origin
from knowledge.reading.extracts import Unreadable
from knowledge.summaries import AT_ONCE, NOTES, PART, summarise
from organisations.actor import Actor
from providers.protocols import Target
from providers.services import create_provider
from tests.knowledge.stock import make_actor
from usage.models import UsageRecord
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse, Choice, Message, Text, Usage
from vocabulary.errors import NotFound, TooLarge, UpstreamTimedOut, UpstreamUnavailable
from vocabulary.streams import explode

ORIGIN = Origin(surface="telnyx", request_id="r1")
REPORT = """The warehouse in Leeds was flooded on Monday. All deliveries from Leeds are delayed by \
three days. Customers with urgent orders are served from the warehouse in York. The lift in the \
office is painted green. The flood damaged forty pallets of paper in the warehouse."""

type Answer = Callable[[ChatRequest], str]


def say(text: str) -> str:
    return json.dumps({"summary": text})


class Writer:
    """Answers what `answer` makes of a request; counts how many it answers at once."""

    asked: ClassVar[list[ChatRequest]] = []
    answer: ClassVar[Answer]
    inside: ClassVar[int] = 0
    most: ClassVar[int] = 0

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        Writer.asked.append(request)
        Writer.inside += 1
        Writer.most = max(Writer.most, Writer.inside)
        await asyncio.sleep(0)
        Writer.inside -= 1
        message = Message(role="assistant", parts=(Text(text=Writer.answer(request)),))
        return ChatResponse(
            id="a",
            model=target.model,
            created=1,
            choices=(Choice(message=message, finish="stop"),),
            usage=Usage(prompt_tokens=3, completion_tokens=1),
        )

    async def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]:
        for event in explode(await self.complete(request, target)):
            yield event


@pytest.fixture
async def actor(transactional_db: None, place: Path, at_once: None) -> Actor:
    return await in_thread(make_actor, "acme")


@pytest.fixture
async def writer(actor: Actor, settings: Any) -> type[Writer]:
    settings.PROVIDERS = {"scripted": f"{__name__}.Writer"}
    await in_thread(
        create_provider,
        actor,
        kind="scripted",
        name="up",
        base_url="https://up.example.com",
        models=["m"],
    )
    Writer.asked.clear()
    Writer.most = 0
    Writer.answer = lambda request: say("In short.")
    return Writer


async def summary_of(actor: Actor, data: str | bytes, name: str = "a.txt", prompt: str = "") -> str:
    content = data.encode() if isinstance(data, str) else data
    await in_thread(put_bytes, actor, "papers", name, content)
    return await summarise(actor, "papers", name, system_prompt=prompt, origin=ORIGIN)


async def test_a_short_text_takes_one_question(actor: Actor, writer: type[Writer]):
    assert await summary_of(actor, REPORT, prompt="In one sentence.") == "In short."
    [request] = writer.asked
    assert request.messages[0].text.startswith("In one sentence.")
    assert request.messages[1].text == REPORT
    entry = await in_thread(UsageRecord.unscoped.get)
    assert (entry.surface, entry.purpose) == ("telnyx", "chat")


async def test_notes_are_taken_of_a_long_text_part_by_part(actor: Actor, writer: type[Writer]):
    text = "\n\n".join(f"Paragraph {number} says something." for number in range(3_000))
    writer.answer = lambda request: say(request.messages[1].text[:24])
    assert (await summary_of(actor, text)).startswith("Paragraph 0 says")
    *parts, last = [request.messages[1].text for request in writer.asked]
    assert all(len(part) <= PART for part in parts)
    assert "\n\n".join(parts) == text
    assert last.split("\n\n")[1] == parts[1][:24].strip()
    assert 1 < writer.most <= AT_ONCE


async def test_a_model_that_writes_too_much_does_not_go_on_for_ever(
    actor: Actor, writer: type[Writer]
):
    text = "A sentence of words. " * 18_000
    writer.answer = lambda request: say("talk " * 5_000)
    assert (await summary_of(actor, text)).startswith("talk")
    assert len(writer.asked) < 40
    assert len(writer.asked[-1].messages[1].text) <= PART
    assert all(len(r.messages[1].text) <= NOTES * 40 for r in writer.asked)


async def test_what_went_wrong_with_a_part_is_said(actor: Actor, writer: type[Writer]):
    def fail(request: ChatRequest) -> str:
        raise UpstreamTimedOut("too slow")

    writer.answer = fail
    with pytest.raises(UpstreamTimedOut):
        await summary_of(actor, "A sentence of words. " * 2_000)


async def test_an_empty_summary_is_none(actor: Actor, writer: type[Writer]):
    writer.answer = lambda request: say("  ")
    with pytest.raises(UpstreamUnavailable):
        await summary_of(actor, REPORT)


async def test_too_much_text_is_refused_rather_than_left_out(actor: Actor, writer: type[Writer]):
    with pytest.raises(TooLarge, match="more than 400,000 characters"):
        await summary_of(actor, "x" * 400_001)
    assert writer.asked == []


async def test_what_is_no_text_has_no_summary(actor: Actor, writer: type[Writer]):
    with pytest.raises(Unreadable, match="binary data"):
        await summary_of(actor, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))


async def test_a_file_of_others_is_not_there(actor: Actor, writer: type[Writer]):
    await summary_of(actor, REPORT)
    other = await in_thread(make_actor, "other")
    with pytest.raises(NotFound):
        await summarise(other, "papers", "a.txt", origin=ORIGIN)


async def test_the_builtin_model_quotes_what_matters(actor: Actor, settings: Any):
    said = await summary_of(actor, REPORT)
    sentences = [sentence.strip(". ") for sentence in REPORT.split(". ")]
    quoted = [sentence.strip(". ") for sentence in said.split(". ")]
    assert 1 <= len(quoted) <= 3
    assert set(quoted) <= set(sentences)
    assert "warehouse" in said


async def test_the_builtin_model_heeds_a_number_of_sentences(actor: Actor):
    said = await summary_of(actor, REPORT, prompt="Summarise in one sentence.")
    assert f"{said}" in REPORT
    assert said.count(".") == 1


async def test_the_builtin_model_reads_long_texts_to_their_end(actor: Actor):
    filler = "The committee met again and talked about the weather in the hills. " * 260
    text = f"{filler}\n\nThe committee sold the town hall to the library for nine million pounds."
    assert len(text) > PART
    assert "town hall" in await summary_of(actor, text)
