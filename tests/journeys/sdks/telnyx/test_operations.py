"""All 45 operations with minimal and with full arguments, sync and async, in strict mode."""

import base64
import io
import json
import math
import os
import struct
import time
import urllib.request
import uuid
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import telnyx
from conftest import BASE_URL, ERA_C
from settling import Settling

OPERATIONS: dict[str, Callable[[Settling, "World"], Awaitable[None]]] = {}
NEVER = str(uuid.uuid4())
TEXT = "The warranty of a lamp lasts for three years. Batteries are not covered by it."


class World:
    """What operations need to be there: a bucket with files, a recording, a site."""

    bucket = f"operations-{'c' if ERA_C else 'a'}"
    url = os.environ["RECEIVER_URL"]

    def __init__(self) -> None:
        put(f"{self.bucket}/warranty.txt", TEXT.encode())
        put(f"{self.bucket}/rows.csv", b"name,price\nlamp,20\ncable,5\n")
        put(f"{self.bucket}/sets/topics.jsonl", examples())
        publish("/page", b"<title>Shop</title><p>The shop opens at nine.</p>", "text/html")
        publish("/recording.wav", recording(), "audio/wav")


def put(path: str, data: bytes) -> None:
    """Put a file into a bucket."""
    key = {"authorization": f"Bearer {os.environ['COLLOQUY_KEY']}"}
    send(f"{BASE_URL}/storage/buckets/{path}", data, key)


def publish(path: str, data: bytes, kind: str) -> None:
    """Have the other web server show this."""
    send(World.url + path, data, {"content-type": kind})


def send(url: str, data: bytes, headers: dict[str, str]) -> None:
    urllib.request.urlopen(urllib.request.Request(url, data, headers, method="PUT")).read()


def examples() -> bytes:
    said = {
        "billing": ["my invoice is wrong", "I was charged twice", "refund my money please"],
        "delivery": ["where is my parcel", "the courier never came", "my package is late"],
        "login": ["I forgot my password", "cannot sign in", "my account is locked"],
    }
    rows = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": label}]}
        for label, texts in said.items()
        for text in (*texts, f"{texts[0]} again")
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def recording(seconds: float = 1.0) -> bytes:
    rate = 16_000
    samples = (int(8000 * math.sin(i / 8)) for i in range(int(rate * seconds)))
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return held.getvalue()


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(params=["sync", "async"])
async def api(request: pytest.FixtureRequest) -> AsyncIterator[Settling]:
    options: dict[str, Any] = {
        "base_url": BASE_URL,
        "api_key": os.environ["COLLOQUY_KEY"],
        "max_retries": 0,
        "_strict_response_validation": True,
    }
    if request.param == "sync":
        yield Settling(telnyx.Telnyx(**options))
        return
    async with telnyx.AsyncTelnyx(**options) as client:
        yield Settling(client)


def operation(call: Callable[[Settling, World], Awaitable[None]]) -> Any:
    OPERATIONS[call.__name__] = call
    return call


async def wait_for(look: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := await look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {seconds} s")


# -- conversations and insights -----------------------------------------------------------------
@operation
async def conversations_create_list_retrieve_update_delete(api: Settling, world: World) -> None:
    conversations = api.ai.conversations
    bare = await conversations.create()
    full = await conversations.create(name="n", metadata={"assistant_id": "a-1"})
    assert (await conversations.list()).data
    listed = await conversations.list(
        id=f"eq.{full.id}",
        name="like.n%",
        created_at="gte.2025-01-01",
        last_message_at="gte.2025-01-01",
        metadata_assistant_id="eq.a-1",
        limit=5,
        order="created_at.desc",
        or_="(created_at.gte.2025-01-01,last_message_at.gte.2025-01-01)",
    )
    assert [row.id for row in listed.data] == [full.id]
    assert (await conversations.retrieve(full.id)).data.name == "n"
    await conversations.update(bare.id)
    assert (await conversations.update(full.id, metadata={"k": "v"})).data.metadata == {"k": "v"}
    await conversations.delete(bare.id)
    await conversations.delete(full.id)


@operation
async def messages_add_and_list(api: Settling, world: World) -> None:
    made = await api.ai.conversations.create()
    await api.ai.conversations.add_message(conversation_id=made.id, role="user")
    await api.ai.conversations.add_message(
        conversation_id=made.id,
        role="assistant",
        content="c",
        name="n",
        sent_at="2025-07-01T00:00:00-06:00",
        tool_calls=[{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        tool_choice={"type": "function", "function": {"name": "f"}},
        metadata={"s": "x", "n": 1, "b": True, "l": ["a"]},
    )
    await api.ai.conversations.add_message(
        conversation_id=made.id, role="tool", content="42", tool_call_id="c1"
    )
    rows = (await api.ai.conversations.messages.list(made.id)).data
    assert [row.role for row in rows] == ["user", "assistant", "tool"]
    if ERA_C:
        page = await api.ai.conversations.messages.list(made.id, page_number=2, page_size=1)
        assert [row.role for row in page.data] == ["assistant"]


@operation
async def insights_and_groups(api: Settling, world: World) -> None:
    insights, groups = api.ai.conversations.insights, api.ai.conversations.insight_groups
    bare = (await insights.create(instructions="i", name="n")).data
    full = (
        await insights.create(
            instructions="i",
            name="n",
            json_schema={"type": "object", "properties": {"a": {"type": "string"}}},
            webhook="https://example.com/hook",
        )
    ).data
    assert (await insights.list()).data and (await insights.list(page_number=1, page_size=1)).data
    assert (await insights.retrieve(full.id)).data.json_schema
    await insights.update(bare.id)
    changed = await insights.update(
        full.id, instructions="j", json_schema="{}", name="m", webhook=""
    )
    assert changed.data.name == "m"
    group = (await groups.insight_groups(name="g")).data
    other = (
        await groups.insight_groups(name="g", description="d", webhook="https://example.com/h")
    ).data
    assert (await groups.retrieve_insight_groups()).data
    assert (await groups.retrieve_insight_groups(page_number=1, page_size=1)).data
    await groups.insights.assign(insight_id=full.id, group_id=group.id)
    assert [row.id for row in (await groups.retrieve(group.id)).data.insights] == [full.id]
    await groups.insights.delete_unassign(insight_id=full.id, group_id=group.id)
    await groups.update(group.id)
    assert (await groups.update(group.id, description="e", name="h", webhook="")).data.name == "h"
    for made in (group, other):
        await groups.delete(made.id)
    for made in (bare, full):
        await insights.delete(made.id)


@operation
async def conversations_insights(api: Settling, world: World) -> None:
    made = await api.ai.conversations.create()
    page = await api.ai.conversations.retrieve_conversations_insights(made.id)
    assert page.data == [] and page.meta.page_number == 1


# -- chat, models, vectors ----------------------------------------------------------------------
@operation
async def chat_completions(api: Settling, world: World) -> None:
    chat = api.ai.openai.chat if ERA_C else api.ai.chat
    said = [{"role": "user", "content": "hello"}]
    assert (await chat.create_completion(messages=said))["choices"][0]["message"]
    own: dict[str, Any] = {"extra_body": {"guided_choice": ["yes", "no"]}, "seed": 1, "stop": ["x"]}
    answer = await chat.create_completion(
        messages=[
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": [{"type": "text", "text": "hello"}]},
        ],
        model="builtin/echo",
        temperature=0.1,
        top_p=0.9,
        min_p=0.1,
        max_tokens=50,
        n=2,
        frequency_penalty=0,
        presence_penalty=0,
        logprobs=False,
        response_format={"type": "text"},
        tools=[
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}
        ],
        tool_choice="none",
        enable_thinking=True,
        use_beam_search=False,
        early_stopping=False,
        length_penalty=1,
        best_of=2,
        api_key_ref="ref",
        **(own if ERA_C else {"guided_choice": ["yes", "no"]}),
    )
    assert len(answer["choices"]) == 2


@operation
async def retrieval_in_a_chat(api: Settling, world: World) -> None:
    await embedded(api, world)
    chat = api.ai.openai.chat if ERA_C else api.ai.chat
    answer = await chat.create_completion(
        model="builtin/extractive",
        messages=[{"role": "user", "content": "How long does the warranty last?"}],
        tools=[
            {
                "type": "retrieval",
                "retrieval": {"bucket_ids": [world.bucket], "max_num_results": 3},
            }
        ],
    )
    assert "three years" in answer["choices"][0]["message"]["content"]


@operation
async def models(api: Settling, world: World) -> None:
    listed = await (api.ai.openai.list_models() if ERA_C else api.ai.retrieve_models())
    assert {"builtin/extractive", "builtin/echo"} <= {model.id for model in listed.data}


@operation
async def vectors(api: Settling, world: World) -> None:
    embeddings = api.ai.openai.embeddings
    assert (await embeddings.list_embedding_models()).data
    bare = await embeddings.create_embeddings(input="one", model="builtin/minilm")
    full = await embeddings.create_embeddings(
        input=["one", "two"],
        model="builtin/minilm",
        dimensions=384,
        encoding_format="float",
        user="u",
    )
    assert len(bare.data) == 1 and len(full.data) == 2


# -- knowledge ----------------------------------------------------------------------------------
async def embedded(api: Settling, world: World) -> None:
    """The bucket is searchable."""
    task = (await api.ai.embeddings.create(bucket_name=world.bucket)).data
    assert await ended(api, task.task_id) in {"success", "partial_success"}


async def ended(api: Settling, task_id: str) -> str:
    async def look() -> Any:
        data = (await api.ai.embeddings.retrieve(task_id)).data
        return data.status if data.finished_at else None

    status: str = await wait_for(look)
    return status


@operation
async def embeddings_tasks(api: Settling, world: World) -> None:
    await embedded(api, world)
    full = await api.ai.embeddings.create(
        bucket_name=world.bucket,
        document_chunk_size=512,
        document_chunk_overlap_size=128,
        embedding_model="thenlper/gte-large",
        loader="default",
    )
    assert await ended(api, full.data.task_id) == "success"
    await api.ai.embeddings.list()
    listed = await api.ai.embeddings.list(status=["success", "partial_success"])
    assert full.data.task_id in [row.task_id for row in listed.data]


@operation
async def embeddings_of_a_site(api: Settling, world: World) -> None:
    task = await api.ai.embeddings.url(bucket_name=world.bucket, url=f"{world.url}/page")
    assert await ended(api, task.data.task_id)


@operation
async def embeddings_buckets(api: Settling, world: World) -> None:
    await embedded(api, world)
    assert world.bucket in (await api.ai.embeddings.buckets.list()).data.buckets
    files = (await api.ai.embeddings.buckets.retrieve(world.bucket)).data
    assert "warranty.txt" in [row.filename for row in files]
    spare = f"spare-{uuid.uuid4().hex[:8]}"
    put(f"{spare}/a.txt", b"text")
    task = (await api.ai.embeddings.create(bucket_name=spare)).data
    await ended(api, task.task_id)
    await api.ai.embeddings.buckets.delete(spare)
    assert spare not in (await api.ai.embeddings.buckets.list()).data.buckets
    with pytest.raises(telnyx.NotFoundError):
        await api.ai.embeddings.buckets.retrieve("no-such-bucket")


@operation
async def similarity_search(api: Settling, world: World) -> None:
    await embedded(api, world)
    search = api.ai.embeddings.similarity_search
    found = await search(bucket_name=world.bucket, query="How long is the guarantee?")
    assert found.data[0].metadata.filename == "warranty.txt"
    assert found.data[0].metadata.certainty == pytest.approx(1 - found.data[0].distance / 2)
    one = await search(bucket_name=world.bucket, query="price of a cable", num_of_docs=1)
    assert len(one.data) == 1


@operation
async def summarize(api: Settling, world: World) -> None:
    bare = await api.ai.summarize(bucket=world.bucket, filename="warranty.txt")
    full = await api.ai.summarize(
        bucket=world.bucket, filename="warranty.txt", system_prompt="In one sentence."
    )
    assert bare.data.summary and full.data.summary


# -- sound --------------------------------------------------------------------------------------
@operation
async def transcriptions(api: Settling, world: World) -> None:
    transcribe = api.ai.audio.transcribe
    bare = await transcribe(model="distil-whisper/distil-large-v2", file=recording())
    assert isinstance(bare.text, str)
    full = await transcribe(
        model="distil-whisper/distil-large-v2",
        file=("said.wav", recording(), "audio/wav"),
        language="en-US",
        response_format="verbose_json",
        timestamp_granularities=["segment"],
    )
    assert full.duration == pytest.approx(1, abs=0.1) and full.segments is not None
    linked = await transcribe(
        model="openai/whisper-large-v3-turbo", file_url=f"{world.url}/recording.wav"
    )
    assert isinstance(linked.text, str)
    with pytest.raises(telnyx.APIStatusError):
        await transcribe(model="distil-whisper/distil-large-v2")


@operation
async def speech(api: Settling, world: World) -> None:
    speak = api.text_to_speech.generate_speech if ERA_C else api.text_to_speech.generate
    told = await speak(text="Hello", provider="telnyx", output_type="base64_output")
    assert len(base64.b64decode(told.base64_audio)) > 1000
    full = await speak(
        text="Hello **there**",
        voice="telnyx.NaturalHD.Alloy",
        language="en-US",
        text_type="text",
        output_type="base64_output",
        disable_cache=True,
        voice_settings={"voice_speed": 1.1},
        telnyx={"response_format": "wav", "sampling_rate": 24000, "voice_speed": 1.0},
        azure={"output_format": "audio-24khz-160kbitrate-mono-mp3"},
    )
    assert base64.b64decode(full.base64_audio)[:4] == b"RIFF"
    with pytest.raises(telnyx.APIStatusError):
        await speak()


@operation
async def binary_speech(api: Settling, world: World) -> None:
    raw = api.text_to_speech.with_raw_response
    answer = await (raw.generate_speech if ERA_C else raw.generate)(text="Hi", provider="telnyx")
    response = answer._inner.http_response if isinstance(answer, Settling) else answer.http_response
    assert response.headers["content-type"].startswith("audio/")
    assert len(response.content) > 1000


@operation
async def voices(api: Settling, world: World) -> None:
    assert (await api.text_to_speech.list_voices()).voices
    assert (await api.text_to_speech.list_voices(provider="telnyx", api_key="unused")).voices


# -- fine-tuning --------------------------------------------------------------------------------
@operation
async def fine_tuning_jobs(api: Settling, world: World) -> None:
    jobs = api.ai.fine_tuning.jobs
    file = f"{world.bucket}/sets/topics.jsonl"
    bare = await jobs.create(model="builtin/minilm", training_file=file)
    full = await jobs.create(
        model="builtin/minilm",
        training_file=file,
        hyperparameters={"n_epochs": 5},
        suffix=f"topics-{uuid.uuid4().hex[:6]}",
    )
    assert {bare.id, full.id} <= {job.id for job in (await jobs.list()).data}

    async def done() -> Any:
        job = await jobs.retrieve(full.id)
        return job if job.finished_at else None

    job = await wait_for(done)
    assert job.status == "succeeded" and job.trained_tokens
    chat = api.ai.openai.chat if ERA_C else api.ai.chat
    answer = await chat.create_completion(
        model=full.id, messages=[{"role": "user", "content": "my parcel did not arrive"}]
    )
    assert answer["choices"][0]["message"]["content"] == "delivery"
    other = await jobs.create(model="builtin/minilm", training_file=file)
    try:
        assert (await jobs.cancel(other.id)).status == "cancelled"
    except telnyx.BadRequestError:  # it was faster
        assert (await jobs.retrieve(other.id)).status == "succeeded"


# -- reports ------------------------------------------------------------------------------------
def last_days() -> dict[str, str]:
    now = datetime.now(UTC)
    days = {"start_date": now - timedelta(days=7), "end_date": now + timedelta(days=1)}
    return {name: at.isoformat() for name, at in days.items()}


@operation
async def speech_to_text_reports(api: Settling, world: World) -> None:
    reports = api.legacy.reporting.batch_detail_records.speech_to_text
    made = (await reports.create(**last_days())).data
    assert made.id in [report.id for report in (await reports.list()).data]

    async def complete() -> Any:
        report = (await reports.retrieve(made.id)).data
        return report if report.status != "PENDING" else None

    report = await wait_for(complete)
    assert report.status == "COMPLETE"
    with urllib.request.urlopen(report.download_link) as answer:
        assert b"," in answer.readline()
    assert (await reports.delete(made.id)).data.id == made.id
    with pytest.raises(telnyx.NotFoundError):
        await reports.retrieve(made.id)


@operation
async def speech_to_text_usage(api: Settling, world: World) -> None:
    usage = api.legacy.reporting.usage_reports.retrieve_speech_to_text
    assert (await usage()).data is not None
    full = await usage(**last_days())
    assert full.data is not None


@pytest.mark.parametrize("name", OPERATIONS)
async def test_the_operation_works(name: str, api: Settling, world: World) -> None:
    await OPERATIONS[name](api, world)
