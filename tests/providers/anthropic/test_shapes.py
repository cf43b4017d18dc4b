"""The ladder to answers of a given shape, with this adapter on its rungs."""

import pytest

from inference import structured
from providers.anthropic.adapter import Anthropic
from providers.protocols import Account, Facts, Target
from tests.fakes.faults import Events, Json
from tests.providers.anthropic.replies import TEXT, spell, stream
from vocabulary.chat import AnyJson, ChatRequest, Message, SchemaJson, Text
from vocabulary.streams import fold

ANTHROPIC = Anthropic()
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "minLength": 2}},
    "required": ["city"],
}
ASKED = ChatRequest(
    model="m",
    messages=(Message(role="user", parts=(Text(text="Where?"),)),),
    output=SchemaJson(name="place", schema=SCHEMA),
)
REFUSED = {"type": "error", "error": {"type": "invalid_request_error", "message": "minLength"}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": {"city": "Paris"}}
PLACE = '{"city": "Paris"}'


def target_of(upstream, **facts):
    account = Account(name="acme", kind="anthropic", base_url=upstream.url)
    return Target(account=account, model="claude-sonnet-4-5", facts=Facts(**facts))


def says(text):
    return TEXT | {"content": [{"type": "text", "text": text}]}


async def test_a_schema_is_asked_for_natively_where_the_model_keeps_to_it(upstream):
    upstream.script(Json(says(PLACE)))
    response = await structured.complete(ANTHROPIC, ASKED, target_of(upstream, writes_schema=True))
    assert response.text == PLACE
    (body,) = upstream.bodies
    assert body["output_config"]["format"]["type"] == "json_schema"


async def test_what_is_refused_natively_is_asked_for_as_a_tool(upstream):
    upstream.script(Json(REFUSED, 400), Json(TEXT | {"content": [CALL], "stop_reason": "tool_use"}))
    response = await structured.complete(ANTHROPIC, ASKED, target_of(upstream, writes_schema=True))
    assert (response.text, response.choices[0].finish) == (PLACE, "stop")
    _, body = upstream.bodies
    assert body["tool_choice"] == {"type": "tool", "name": "answer"}
    assert body["tools"][0]["input_schema"] == SCHEMA


async def test_a_model_that_may_not_be_forced_to_call_is_asked_in_words(upstream):
    upstream.script(Json(REFUSED, 400), Json(says(f"```json\n{PLACE}\n```")))
    response = await structured.complete(ANTHROPIC, ASKED, target_of(upstream))
    assert response.text == PLACE
    _, body = upstream.bodies
    assert "minLength" in body["system"]


@pytest.mark.parametrize("facts", [{}, {"writes_schema": True}])
async def test_some_json_arrives_as_it_is_written(upstream, facts):
    upstream.script(Events(spell(stream(says(PLACE))).decode()))
    request = ChatRequest(model="m", messages=ASKED.messages, output=AnyJson())
    target = target_of(upstream, **facts)
    events = [event async for event in structured.stream(ANTHROPIC, request, target)]
    assert fold(events).text == PLACE
    assert len(events) > 5
