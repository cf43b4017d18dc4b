"""The ladder to answers of a given shape."""

from dataclasses import dataclass, field, replace

import pytest

from inference.structured import MissedShape, complete, stream
from providers.protocols import Account, Facts, Target
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    ChatResponse,
    Choice,
    FunctionTool,
    Matching,
    Message,
    NamedTool,
    OneOf,
    PartGrew,
    Reasoning,
    Refusal,
    SchemaJson,
    Text,
    ToolCall,
    Usage,
)
from vocabulary.errors import InvalidRequest, UpstreamRefused, UpstreamUnavailable
from vocabulary.json import JsonObject
from vocabulary.streams import explode, fold

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"resolved": {"type": "boolean"}},
    "required": ["resolved"],
    "additionalProperties": False,
}
GOOD, BAD = '{"resolved": true}', '{"resolved": "yes"}'
QUESTION = Message(role="user", parts=(Text(text="Was it resolved?"),))
NATIVE = Facts(writes_schema=True)
TOOLS = Facts()
WORDS = Facts(calls_tools=False)
GUIDED = Facts(guides=True)


@dataclass
class Scripted:
    """A provider that answers from a list, and remembers what it was asked."""

    answers: list[object]
    asked: list[ChatRequest] = field(default_factory=list)
    streamed: int = 0

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, ChatResponse) else say(answer)

    async def stream(self, request, target):
        self.streamed += 1
        for event in explode(await self.complete(request, target)):
            yield event


def say(*contents, finish="stop"):
    parts = tuple(Text(text=c) if isinstance(c, str) else c for c in contents)
    usage = Usage(prompt_tokens=10, completion_tokens=5)
    choice = Choice(message=Message(role="assistant", parts=parts), finish=finish)
    return ChatResponse(id="r", model="m", created=1, choices=(choice,), usage=usage)


def call_tool(arguments, name="answer"):
    return say(ToolCall(id="c", name=name, arguments=arguments), finish="tool_calls")


def request_for(output, **fields):
    return ChatRequest(model="m", messages=(QUESTION,), output=output, **fields)


def schema_request(schema=SCHEMA, **fields):
    return request_for(SchemaJson(name="insight", schema=schema), **fields)


def target_with(facts):
    return Target(account=Account(name="acme", kind="openai"), model="m", facts=facts)


async def ask(request, facts, *answers):
    provider = Scripted(list(answers))
    return await complete(provider, request, target_with(facts)), provider


def refusal(status=400):
    return UpstreamRefused("not supported", status=status)


# -- the rungs ----------------------------------------------------------------------------------
async def test_free_text_is_asked_for_as_it_is():
    request = request_for(None)
    response, provider = await ask(request, TOOLS, "hello")
    assert response.text == "hello"
    assert provider.asked == [request]


@pytest.mark.parametrize("output", [OneOf(choices=("yes", "no")), Matching(pattern="yes|no")])
async def test_an_upstream_that_guides_is_handed_a_bare_text_s_shape_as_it_is(output):
    response, provider = await ask(request_for(output), GUIDED, "yes")
    assert response.text == "yes"
    assert provider.asked == [request_for(output)]


async def test_a_model_that_writes_schemas_is_told_the_schema():
    response, provider = await ask(schema_request(), NATIVE, GOOD)
    assert response.text == GOOD
    assert provider.asked == [schema_request()]


async def test_a_model_that_calls_tools_is_made_to_call_one():
    response, provider = await ask(schema_request(), TOOLS, call_tool(GOOD))
    (asked,) = provider.asked
    assert asked.output is None
    assert asked.tool_choice == NamedTool(name="answer")
    assert asked.tools[0].parameters == SCHEMA
    assert response.choices[0].message.parts == (Text(text=GOOD),)
    assert response.choices[0].finish == "stop"


async def test_words_instead_of_the_tool_will_do_if_they_have_the_shape():
    response, provider = await ask(schema_request(), TOOLS, GOOD)
    assert response.text == GOOD
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "wrapped", [GOOD, f"```json\n{GOOD}\n```", f"Here you are:\n{GOOD}\nAnything else?"]
)
async def test_any_other_model_reads_the_schema_in_the_prompt(wrapped):
    response, provider = await ask(schema_request(), WORDS, wrapped)
    (asked,) = provider.asked
    assert (asked.output, asked.tools) == (None, ())
    assert asked.messages[0] == QUESTION
    assert '"resolved"' in asked.messages[-1].text
    assert response.text == GOOD


async def test_a_callers_own_tools_leave_no_room_for_ours():
    own = FunctionTool(name="lookup")
    _, provider = await ask(schema_request(tools=(own,)), TOOLS, GOOD)
    assert provider.asked[0].tools == (own,)


async def test_a_schema_that_is_no_object_is_not_made_a_tool():
    response, provider = await ask(schema_request({"type": "integer"}), TOOLS, "7")
    assert response.text == "7"
    assert provider.asked[0].tools == ()


async def test_an_upstream_that_refuses_a_rung_is_asked_on_the_next():
    response, provider = await ask(schema_request(), NATIVE, refusal(), refusal(422), GOOD)
    native, tool, words = provider.asked
    assert native.output and tool.tools and words.messages[-1].role == "system"
    assert response.text == GOOD


@pytest.mark.parametrize("error", [refusal(401), UpstreamUnavailable("gone")])
async def test_other_failures_are_not_taken_for_a_refused_rung(error):
    with pytest.raises(type(error)):
        await ask(schema_request(), NATIVE, error, GOOD)


async def test_the_last_refusal_is_the_callers():
    with pytest.raises(UpstreamRefused):
        await ask(schema_request(), WORDS, refusal())


# -- judging and repairing ----------------------------------------------------------------------
@pytest.mark.parametrize("facts", [NATIVE, TOOLS, WORDS])
@pytest.mark.parametrize("miss", [BAD, "I think it was.", '{"resolved": tr'])
async def test_a_missed_shape_is_repaired_once(facts, miss):
    response, provider = await ask(schema_request(), facts, miss, GOOD)
    assert response.text == GOOD
    repair = provider.asked[1]
    assert [m.role for m in repair.messages] == ["user", "assistant", "user", "system"]
    assert miss in repair.messages[1].text


async def test_the_model_is_told_what_is_wrong():
    _, provider = await ask(schema_request(), NATIVE, BAD, GOOD)
    assert "/resolved" in provider.asked[1].messages[2].text


async def test_the_usage_of_all_calls_is_summed():
    response, _ = await ask(schema_request(), NATIVE, BAD, GOOD)
    assert response.usage == Usage(prompt_tokens=20, completion_tokens=10)


async def test_a_shape_missed_twice_is_a_failure_that_still_says_what_was_used():
    with pytest.raises(MissedShape) as failure:
        await ask(schema_request(), NATIVE, BAD, BAD)
    assert failure.value.response.usage == Usage(prompt_tokens=20, completion_tokens=10)
    assert failure.value.response.text == BAD
    assert "/resolved" in failure.value.message


@pytest.mark.parametrize(
    "answer",
    [
        say('{"resolved"', finish="length"),
        say(finish="content_filter"),
        say(Refusal(text="I must not")),
        call_tool("{}", name="lookup"),
    ],
)
async def test_what_was_cut_off_or_refused_or_calls_a_tool_has_no_shape_to_keep(answer):
    request = schema_request(tools=(FunctionTool(name="lookup"),))
    response, provider = await ask(request, NATIVE, answer)
    assert response == answer
    assert len(provider.asked) == 1


async def test_thoughts_are_kept():
    thought = Reasoning(text="hm")
    response, _ = await ask(schema_request(), TOOLS, say(thought, GOOD))
    assert response.choices[0].message.parts == (thought, Text(text=GOOD))


async def test_each_choice_is_judged():
    two = say(GOOD)
    two = replace(two, choices=(two.choices[0], replace(say(BAD).choices[0], index=1)))
    response, provider = await ask(schema_request(), NATIVE, two, GOOD)
    assert len(provider.asked) == 2
    assert response.text == GOOD


async def test_any_json_is_an_object():
    response, provider = await ask(request_for(AnyJson()), WORDS, "[1]", '{"a": 1}')
    assert provider.asked[0].output == AnyJson()
    assert response.text == '{"a": 1}'


# -- bare texts ---------------------------------------------------------------------------------
CHOICES = OneOf(choices=("yes", "no"))
PATTERN = Matching(pattern="[A-Z]{2}-[0-9]+")


@pytest.mark.parametrize("facts", [NATIVE, TOOLS, WORDS])
@pytest.mark.parametrize(("output", "text"), [(CHOICES, "yes"), (PATTERN, "AB-7")])
async def test_bare_texts_travel_in_a_box_and_arrive_without(facts, output, text):
    boxed = f'{{"answer": "{text}"}}'
    answer = call_tool(boxed) if facts is TOOLS else boxed
    response, _ = await ask(request_for(output), facts, answer)
    assert response.text == text


@pytest.mark.parametrize(("output", "text"), [(CHOICES, "no"), (PATTERN, "AB-7")])
async def test_a_bare_text_will_do(output, text):
    response, _ = await ask(request_for(output), WORDS, f" {text}\n")
    assert response.text == text


@pytest.mark.parametrize(("output", "miss"), [(CHOICES, "maybe"), (PATTERN, "xAB-7x")])
async def test_a_text_must_be_a_choice_or_match_as_a_whole(output, miss):
    with pytest.raises(MissedShape):
        await ask(request_for(output), WORDS, miss, miss)


@pytest.mark.parametrize(
    ("output", "path"),
    [
        (OneOf(choices=()), "guided_choice"),
        (Matching(pattern="(?=a)b"), "guided_regex"),
        (Matching(pattern=r"\C"), "guided_regex"),
        (Matching(pattern="a" * 513), "guided_regex"),
        (SchemaJson(name="n", schema={"type": "x"}), "response_format.json_schema.schema.type"),
        (
            SchemaJson(name="n", schema={"$ref": "http://x/y"}),
            "response_format.json_schema.schema.$ref",
        ),
    ],
)
async def test_a_shape_nothing_can_be_judged_by_costs_no_call(output, path):
    provider = Scripted([])
    with pytest.raises(InvalidRequest) as fault:
        await complete(provider, request_for(output), target_with(NATIVE))
    assert fault.value.path == path
    with pytest.raises(InvalidRequest):
        [event async for event in stream(provider, request_for(output), target_with(NATIVE))]
    assert provider.asked == []


# -- streams ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("output", "facts", "passes"),
    [
        (None, WORDS, True),
        (SchemaJson(name="n", schema=SCHEMA), NATIVE, True),
        (SchemaJson(name="n", schema=SCHEMA), TOOLS, False),
        (AnyJson(), WORDS, True),
        (OneOf(choices=(GOOD,)), NATIVE, False),
    ],
)
async def test_only_what_is_written_in_shape_streams_bit_by_bit(output, facts, passes):
    provider = Scripted([GOOD])
    events = [e async for e in stream(provider, request_for(output), target_with(facts))]
    assert fold(events).text == GOOD
    assert provider.streamed == passes
    assert any(isinstance(event, PartGrew) for event in events)


async def test_a_stream_that_is_refused_before_it_begins_climbs_down_the_ladder():
    provider = Scripted([refusal(), refusal(), call_tool(GOOD)])
    events = [e async for e in stream(provider, schema_request(), target_with(NATIVE))]
    assert fold(events).text == GOOD


async def test_a_refused_stream_of_free_text_is_the_callers():
    provider = Scripted([refusal()])
    with pytest.raises(UpstreamRefused):
        [e async for e in stream(provider, request_for(None), target_with(NATIVE))]
