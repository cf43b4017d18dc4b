"""The builtin models as providers: whole and streamed, counted, ended, refused."""

import asyncio
import json

import pytest

from providers.builtin.adapter import Builtin
from providers.builtin.models import MODELS
from providers.builtin.threads import Lane
from providers.catalogue import load_shipped
from providers.protocols import Account, ChatProvider, EmbeddingProvider, Target
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    FunctionTool,
    Image,
    Matching,
    Message,
    Metered,
    NamedTool,
    OneOf,
    Output,
    PartGrew,
    Role,
    Sampling,
    SchemaJson,
    ServerTool,
    Text,
    ToolCall,
    ToolResult,
    Url,
)
from vocabulary.embeddings import EmbeddingRequest
from vocabulary.errors import (
    InvalidRequest,
    ModelNotFound,
    Overloaded,
    Unrepresentable,
    UpstreamRefused,
)
from vocabulary.streams import fold


def target(model: str, **options: float) -> Target:
    return Target(account=Account(name="builtin", kind="builtin", options=options), model=model)


def ask(*said: tuple[Role, str], **more) -> ChatRequest:
    messages = tuple(Message(role=role, parts=(Text(text=text),)) for role, text in said)
    return ChatRequest(model="builtin/echo", messages=messages, **more)


async def echo(request: ChatRequest):
    return await Builtin().complete(request, target("echo"))


# -- what is offered ----------------------------------------------------------------------------
def test_it_chats_and_embeds():
    assert isinstance(Builtin(), ChatProvider)
    assert isinstance(Builtin(), EmbeddingProvider)


def test_the_catalogue_says_of_builtin_models_what_they_say_of_themselves():
    known = load_shipped()
    for model in MODELS:
        card = known.find_card(f"builtin/{model.id}")
        assert card is not None
        assert (card.power, card.context_length) == (model.power, model.context_length)
        assert card.description == model.description


async def test_a_model_that_is_not_builtin_is_not_found():
    with pytest.raises(ModelNotFound):
        await Builtin().complete(ask(("user", "hi")), target("gpt"))
    with pytest.raises(ModelNotFound):
        await Builtin().embed(EmbeddingRequest(model="x", inputs=("hi",)), target("echo"))


# -- echo ---------------------------------------------------------------------------------------
async def test_echo_repeats_the_last_user_message():
    answer = await echo(ask(("user", "one"), ("assistant", "yes"), ("user", "two\n three")))
    assert answer.text == "two\n three"
    assert answer.choices[0].finish == "stop"
    assert (answer.served_by, answer.model) == ("builtin", "builtin/echo")


async def test_echo_gives_back_json_that_fits_the_schema():
    schema = SchemaJson(name="x", schema={"type": "object", "required": ["a"]})
    assert (await echo(ask(("user", '{"a": 1}'), output=schema))).text == '{"a": 1}'


async def test_echo_makes_the_smallest_value_where_nothing_fits():
    schema = SchemaJson(
        name="x",
        schema={
            "type": "object",
            "properties": {"code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"}},
            "required": ["code"],
        },
    )
    assert json.loads((await echo(ask(("user", "hi"), output=schema))).text) == {"code": "AA-000"}


async def test_lists_in_lists_are_not_filled_beyond_measure():
    schema = {"type": "string"}
    for _ in range(6):
        schema = {"allOf": [{"type": "array", "minItems": 100}, {"items": schema}]}
    with pytest.raises(UpstreamRefused):
        await echo(ask(("user", "hi"), output=SchemaJson(name="x", schema=schema)))


@pytest.mark.parametrize(
    ("said", "output", "answer"),
    [
        ("it is red", AnyJson(), '{"echo": "it is red"}'),
        ('{"a": 1}', AnyJson(), '{"a": 1}'),
        ("it is red", OneOf(choices=("blue", "red")), "red"),
        ("it is red", OneOf(choices=("green", "pink")), "green"),
        ("it is No 47", Matching(pattern="[0-9]{2}"), "47"),
        ("it is red", Matching(pattern="[0-9]{2}"), "00"),
    ],
)
async def test_echo_keeps_to_the_form(said: str, output: Output, answer: str):
    assert (await echo(ask(("user", said), output=output))).text == answer


async def test_echo_calls_a_named_tool_with_json_that_fits_and_ends_after_its_result():
    tool = FunctionTool(
        name="add",
        parameters={"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    )
    request = ask(("user", '{"a": 4}'), tools=(tool,), tool_choice=NamedTool(name="add"))
    call = (await echo(request)).choices[0]
    assert call.finish == "tool_calls"
    assert (call.message.tool_calls[0].name, call.message.tool_calls[0].arguments) == (
        "add",
        '{"a": 4}',
    )
    result = Message(role="tool", parts=(ToolResult(call_id="c", text="eight"),))
    later = ChatRequest(
        model="m", messages=(*request.messages, result), tools=(tool,), tool_choice="required"
    )
    assert (await echo(later)).text == "eight"


@pytest.mark.parametrize("model", ["echo", "extractive"])
async def test_a_tools_parameters_must_be_a_schema_that_ends(model: str):
    doubling = {"x0": {"type": "string"}} | {
        f"x{i}": {"required": ["a", "b"], "properties": dict.fromkeys("ab", _defined(i - 1))}
        for i in range(1, 25)
    }
    for parameters in ({"type": "nothing"}, {"$ref": "#/$defs/x24", "$defs": doubling}):
        tool = FunctionTool(name="f", parameters=parameters)
        request = ask(("user", "hi"), tools=(tool,), tool_choice="required")
        with pytest.raises(InvalidRequest) as refused:
            await Builtin().complete(request, target(model))
        assert refused.value.path.startswith("tools[0].function.parameters")


def _defined(number: int):
    return {"$ref": f"#/$defs/x{number}"}


async def test_a_tool_that_is_not_offered_cannot_be_named():
    request = ask(("user", "x"), tools=(FunctionTool(name="a"),), tool_choice=NamedTool(name="b"))
    with pytest.raises(InvalidRequest, match="no tool 'b'"):
        await echo(request)


# -- how it ends, and what it costs -------------------------------------------------------------
async def test_an_answer_ends_before_a_stop_sequence():
    answer = await echo(ask(("user", "one two three"), stop=("three", "two")))
    assert (answer.text, answer.choices[0].finish) == ("one ", "stop")


async def test_an_answer_ends_at_the_token_limit():
    answer = await echo(ask(("user", "one two three"), sampling=Sampling(max_tokens=2)))
    assert (answer.text, answer.choices[0].finish) == ("one two", "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 2


async def test_usage_counts_wordpiece_tokens_and_is_no_estimate():
    answer = await echo(ask(("system", "be kind"), ("user", "hello world"), sampling=Sampling(n=3)))
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (4, 6)
    assert not answer.usage.estimated


async def test_n_copies_are_given_with_calls_of_their_own():
    request = ask(
        ("user", "x"),
        tools=(FunctionTool(name="a"),),
        tool_choice="required",
        sampling=Sampling(n=2),
    )
    first, second = (await echo(request)).choices
    assert (first.index, second.index) == (0, 1)
    assert first.message.tool_calls[0].id != second.message.tool_calls[0].id


@pytest.mark.parametrize("copies", [0, 129])
async def test_absurd_numbers_of_copies_are_refused(copies: int):
    with pytest.raises(InvalidRequest):
        await echo(ask(("user", "x"), sampling=Sampling(n=copies)))


@pytest.mark.parametrize("text", ["", " lead and  double ", "a\n\nb\tc", "Grüße 👋🏽 you"])
async def test_a_stream_joined_is_the_unstreamed_answer(text: str):
    request = ask(("user", text), sampling=Sampling(n=2))
    whole = await echo(request)
    events = [event async for event in Builtin().stream(request, target("echo"))]
    folded = fold(events)
    assert folded.choices == whole.choices
    assert folded.usage == whole.usage
    assert isinstance(events[-1], Metered)


async def test_copies_do_not_add_up_beyond_measure():
    request = ask(("user", "x" * 10_000), sampling=Sampling(n=128))
    with pytest.raises(InvalidRequest) as refused:
        await echo(request)
    assert refused.value.path == "n"


async def test_more_than_is_read_is_refused_uncounted():
    with pytest.raises(InvalidRequest) as refused:
        await echo(ask(("user", "x" * 600_000), ("assistant", "y" * 600_000)))
    assert refused.value.path == "messages"


async def test_a_long_stream_lets_others_have_their_turn():
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(other())
    answer = Builtin().stream(ask(("user", "word " * 2_000)), target("echo"))
    await anext(answer)
    before = turns
    assert len([event async for event in answer]) > 2_000
    beside.cancel()
    assert turns - before >= 20


async def test_a_stream_comes_word_by_word():
    request = ask(("user", "one two three"))
    events = Builtin().stream(request, target("echo", word_delay=0.001))
    words = [event.text async for event in events if isinstance(event, PartGrew)]
    assert words == ["one ", "two ", "three"]


# -- what is refused ----------------------------------------------------------------------------
@pytest.mark.parametrize("model", ["echo", "extractive"])
async def test_a_picture_is_not_dropped_in_silence(model: str):
    picture = Image(at=Url(url="https://example.org/a.png"))
    message = Message(role="user", parts=(Text(text="see"), picture))
    with pytest.raises(Unrepresentable) as refusal:
        await Builtin().complete(ChatRequest(model="m", messages=(message,)), target(model))
    assert refusal.value.path == "messages[0].content[1]"


async def test_a_server_tool_is_not_dropped_in_silence():
    with pytest.raises(Unrepresentable) as refusal:
        await echo(ask(("user", "x"), tools=(ServerTool(name="retrieval"),)))
    assert refusal.value.path == "tools[0]"


async def test_history_with_tool_calls_is_read():
    messages = (
        Message(role="user", parts=(Text(text="weather?"),)),
        Message(role="assistant", parts=(ToolCall(id="c", name="weather", arguments="{}"),)),
        Message(role="tool", parts=(ToolResult(call_id="c", text="sunny"),)),
    )
    answer = await Builtin().complete(
        ChatRequest(model="m", messages=messages), target("extractive")
    )
    assert "sunny" in answer.text


async def test_a_full_lane_refuses_at_once():
    lane = Lane(threads=1, most=1)
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()

    first = asyncio.create_task(lane.run(wait))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await lane.run(wait)
    gate.set()
    await first
    await lane.run(int)
    lane.close()


# -- embeddings ---------------------------------------------------------------------------------
async def embed(*inputs, **more):
    request = EmbeddingRequest(model="builtin/minilm", inputs=inputs, **more)
    return await Builtin().embed(request, target("minilm"))


async def test_embeddings_keep_the_order_of_their_texts():
    texts = [f"text number {number}" for number in range(70)]
    together = await embed(*texts)
    alone = await embed(texts[41])
    assert together.vectors[41] == pytest.approx(alone.vectors[0], abs=1e-5)
    assert len(together.vectors) == 70
    assert (await embed("hello world")).usage.prompt_tokens == 2


@pytest.mark.parametrize(
    ("inputs", "more", "path"),
    [
        (((1, 2),), {}, "input[0]"),
        (("x",), {"dimensions": 256}, "dimensions"),
        (("x", "word " * 9_000), {}, "input[1]"),
        (("word " * 1_000,) * 201, {}, "input"),
    ],
)
async def test_what_minilm_cannot_embed_is_refused(inputs, more, path: str):
    with pytest.raises(Unrepresentable) as refusal:
        await embed(*inputs, **more)
    assert refusal.value.path == path


async def test_its_own_dimensions_may_be_asked_for():
    assert len((await embed("x", dimensions=384)).vectors[0]) == 384
