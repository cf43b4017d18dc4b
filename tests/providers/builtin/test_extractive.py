"""The extractive chat model: quotes, tools, shapes; nothing that nobody said."""

import json
from collections.abc import Sequence

import pytest

from providers.builtin import extractive
from providers.builtin.engine.sense import Keywords
from providers.builtin.retrieval import NOTHING, quote_answer
from providers.builtin.weights import Array
from tests.providers.builtin.talk import PARCEL, lines_of
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    FunctionTool,
    Matching,
    Message,
    NamedTool,
    OneOf,
    Role,
    SchemaJson,
    Text,
    ToolCall,
    ToolResult,
)
from vocabulary.errors import UpstreamRefused
from vocabulary.json import JsonObject
from wire.extraction import Extraction, read_finding, spell

SHOP = """You can return items within 30 days. Shipping costs 4 pounds.

Our shop is open from 9 to 5 on weekdays. On Sundays we are closed."""
WEATHER = FunctionTool(
    name="get_weather",
    description="Get the current weather in a city",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}},
        "required": ["city"],
    },
)
REFUND = FunctionTool(
    name="refund_order",
    description="Refund an order and give the money back",
    parameters={
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"],
    },
)


def say(role: Role, text: str) -> Message:
    return Message(role=role, parts=(Text(text=text),))


def ask(question: str, **more) -> ChatRequest:
    messages = (say("system", SHOP), say("user", question))
    return ChatRequest(model="builtin/extractive", messages=messages, **more)


def text_of(request: ChatRequest) -> str:
    said = extractive.answer(request)
    assert isinstance(said, Text)
    return said.text


def call_of(request: ChatRequest) -> ToolCall:
    said = extractive.answer(request)
    assert isinstance(said, ToolCall)
    return said


# -- quoting ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("When do you open?", "open from 9 to 5"),
        ("How much is delivery?", "Shipping costs 4 pounds."),
        ("How long do I have to send something back?", "within 30 days"),
    ],
)
def test_the_nearest_passage_is_quoted_with_its_source(question: str, quote: str):
    answer = text_of(ask(question))
    assert quote in answer
    assert answer.endswith("(from the instructions)")


@pytest.mark.parametrize("question", ["Who won the world cup?", "hello", "?", ""])
def test_where_nothing_is_near_it_says_so_and_nothing_else(question: str):
    assert text_of(ask(question)) == NOTHING


def test_context_may_stand_in_the_users_own_message():
    question = "Our cat is called Momo. The dog is called Rex.\n\nWhat is the name of the dog?"
    request = ChatRequest(model="m", messages=(say("user", question),))
    assert "Rex" in text_of(request)


def test_a_sentence_that_goes_on_in_the_next_line_is_quoted_whole():
    wrapped = "Print the label, put it\n  on the box and hand it to the carrier.\nWe pay for that."
    messages = (say("system", wrapped), say("user", "Who is the box handed to?"))
    answer = text_of(ChatRequest(model="m", messages=messages))
    assert "Print the label, put it on the box and hand it to the carrier." in answer


def test_every_quoted_sentence_stands_in_the_request():
    answer = json.loads(text_of(ask("When do you open?", output=AnyJson())))
    assert answer["sources"]
    for source in answer["sources"]:
        assert source["quote"] in SHOP
    assert json.loads(text_of(ask("Who won the world cup?", output=AnyJson()))) == {
        "answer": None,
        "sources": [],
    }


class Weighing(Keywords):
    """Counts the characters that it compares with others."""

    weighed = 0

    def closeness(self, left: Sequence[str], right: Sequence[str]) -> Array:
        self.weighed += sum(map(len, left))
        return super().closeness(left, right)


@pytest.mark.parametrize("between", ["\n\n", " "])
def test_of_a_very_long_text_the_beginning_and_the_end_are_read(between: str):
    filler = between.join(f"Line {n} is here." for n in range(3_000)) + "\n\n" + "x" * 9_000
    for place, text in enumerate((SHOP + "\n\n" + filler, filler + "\n\n" + SHOP)):
        request = ChatRequest(
            model="m", messages=(say("system", text), say("user", "When do you open?"))
        )
        sense = Weighing()
        assert "open from 9 to 5" in str(quote_answer(request, sense)), place
        assert sense.weighed < 30_000


# -- tools --------------------------------------------------------------------------------------
def test_a_tool_is_called_when_its_description_is_near():
    request = ask("I want my money back for order AB-1234", tools=(WEATHER, REFUND))
    call = call_of(request)
    assert (call.name, json.loads(call.arguments)) == ("refund_order", {"order_id": "AB-1234"})


def test_no_tool_is_called_when_none_is_near_or_none_may_be():
    assert text_of(ask("Tell me a joke", tools=(WEATHER, REFUND))) == NOTHING
    text_of(ask("What's the weather in Paris?", tools=(WEATHER,), tool_choice="none"))


def test_a_required_tool_is_called_and_free_text_is_the_whole_message():
    call = call_of(ask("Tell me about Paris", tools=(WEATHER, REFUND), tool_choice="required"))
    assert (call.name, json.loads(call.arguments)) == (
        "get_weather",
        {"city": "Tell me about Paris"},
    )


def test_a_named_tool_is_called_whatever_was_said():
    call = call_of(ask("hi", tools=(WEATHER, REFUND), tool_choice=NamedTool(name="refund_order")))
    assert call.name == "refund_order"
    assert set(json.loads(call.arguments)) == {"order_id"}


def test_the_same_request_makes_the_same_call_and_the_next_turn_another():
    request = ask("What's the weather in Paris?", tools=(WEATHER,), tool_choice="required")
    assert call_of(request) == call_of(request)
    later = ChatRequest(
        model="m",
        messages=(*request.messages, say("assistant", "?"), say("user", "and Rome?")),
        tools=(WEATHER,),
        tool_choice="required",
    )
    assert call_of(later).id != call_of(request).id


def test_after_a_tools_result_it_is_quoted_and_the_loop_ends():
    request = ask("What's the weather in Paris?", tools=(WEATHER,), tool_choice="required")
    call = call_of(request)
    messages = (
        *request.messages,
        Message(role="assistant", parts=(call,)),
        Message(role="tool", parts=(ToolResult(call_id=call.id, text="18 degrees"),)),
    )
    later = ChatRequest(model="m", messages=messages, tools=(WEATHER,), tool_choice="required")
    assert text_of(later) == "“18 degrees” (from a tool's result)"


# -- shapes -------------------------------------------------------------------------------------
def test_a_schema_is_filled_from_what_was_said():
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "email": {"type": "string"},
            "apples": {"type": "integer"},
        },
        "required": ["name", "email", "apples"],
    }
    request = ask(
        "Name: Jo Field, email jo@x.org, 3 apples", output=SchemaJson(name="o", schema=schema)
    )
    assert json.loads(text_of(request)) == {"name": "Jo Field", "email": "jo@x.org", "apples": 3}


def test_the_best_of_several_choices_is_made():
    assert text_of(
        ask("It was great, I love it", output=OneOf(choices=("positive", "negative")))
    ) == ("positive")
    assert text_of(ask("", output=OneOf(choices=("left", "right")))) == "left"


def test_a_pattern_is_answered_by_words_that_match_it():
    code = Matching(pattern=r"[A-Z]{2}-\d{4}")
    assert text_of(ask("My code is AB-1234 I think", output=code)) == "AB-1234"
    with pytest.raises(UpstreamRefused, match="nothing that matches"):
        extractive.answer(ask("I have no code", output=code))


# -- extractions --------------------------------------------------------------------------------
def test_an_extraction_is_recognised_and_answered_with_evidence():
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "email": {"type": ["string", "null"]},
            "phone": {"type": ["string", "null"]},
        },
        "required": ["email", "phone"],
    }
    extraction = Extraction(instructions="Contact data", lines=lines_of(PARCEL), schema=schema)
    finding = read_finding(text_of(spell(extraction, model="builtin/extractive")))
    assert finding.value == {"email": "rupert.v@example.org", "phone": None}
    (quote,) = finding.quotes
    assert (quote.path, quote.message, quote.quote) == ("/email", 3, "rupert.v@example.org")


def test_the_same_extraction_gives_the_same_bytes():
    extraction = Extraction(instructions="Summarise the conversation", lines=lines_of(PARCEL))
    request = spell(extraction, model="builtin/extractive")
    assert len({text_of(request) for _ in range(3)}) == 1
