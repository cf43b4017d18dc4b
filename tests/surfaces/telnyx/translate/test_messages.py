"""Messages added by hand, and as strict clients take them in a listing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from conversations.models import Message as Row
from conversations.parts import dump
from surfaces.telnyx.translate.messages import (
    parse_message,
    parse_metadata,
    parse_tool_choice,
    render_message,
)
from vocabulary.chat import Message, Reasoning, Text, ToolCall, ToolResult
from vocabulary.errors import InvalidRequest

CALL: Any = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"a":1}'}}


# -- in -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["user", "assistant", "system", "developer"])
def test_content_becomes_text(role: str):
    message = parse_message({"role": role, "content": "hi", "name": "Ann"})
    assert message == Message(role=role, parts=(Text(text="hi"),), name="Ann")  # type: ignore[arg-type]


def test_content_may_be_left_out():
    assert parse_message({"role": "user"}).parts == ()
    assert parse_message({"role": "user", "content": None, "name": None}).parts == ()


def test_a_tools_message_is_its_result():
    message = parse_message({"role": "tool", "content": "3", "tool_call_id": "c1"})
    assert message.parts == (ToolResult(call_id="c1", text="3"),)


def test_tool_calls_keep_their_arguments_to_the_letter():
    message = parse_message({"role": "assistant", "tool_calls": [CALL]})
    assert message.tool_calls == (ToolCall(id="c1", name="find", arguments='{"a":1}'),)


def test_a_tool_call_may_lack_an_id_and_say_its_arguments_as_an_object():
    call: Any = {"function": {"name": "find", "arguments": {"a": 1}}}
    [parsed] = parse_message({"role": "assistant", "tool_calls": [call]}).tool_calls
    assert parsed.id.startswith("call-")
    assert parsed.arguments == '{"a":1}'


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"role": "robot"}, "role"),
        ({"role": "assistant", "tool_calls": "x"}, "tool_calls"),
        ({"role": "assistant", "tool_calls": ["x"]}, "tool_calls[0]"),
        ({"role": "assistant", "tool_calls": [CALL, {"id": "c"}]}, "tool_calls[1].function"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": 1}}]},
            "tool_calls[0].function.name",
        ),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 7}}]},
            "tool_calls[0].function.arguments",
        ),
        ({"role": "assistant", "tool_calls": [{**CALL, "id": 7}]}, "tool_calls[0].id"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(body: dict[str, Any], path: str):
    with pytest.raises(InvalidRequest) as caught:
        parse_message(body)
    assert caught.value.path == path


def test_metadata_are_scalars_and_lists_of_them():
    metadata: Any = {"a": "x", "b": 1, "c": True, "d": ["x", 2]}
    assert parse_metadata(metadata) == metadata


@pytest.mark.parametrize("value", [1.5, None, {"a": 1}, [1.5], [[1]]])
def test_other_metadata_are_refused_at_their_key(value: Any):
    with pytest.raises(InvalidRequest) as caught:
        parse_metadata({"ok": 1, "k": value})
    assert caught.value.path == "metadata.k"


def test_a_tool_choice_is_a_word_or_an_object():
    assert parse_tool_choice("auto") == "auto"
    with pytest.raises(InvalidRequest):
        parse_tool_choice([1])


# -- out ----------------------------------------------------------------------------------------
def row(*parts: Any, **columns: Any) -> Row:
    return Row(
        id=UUID(int=1),
        created_at=datetime(2025, 4, 15, 13, 7, 28, 764999, tzinfo=UTC),
        parts=[dump(part) for part in parts],
        **columns,
    )


def test_a_message_renders_with_the_documented_keys_and_ours():
    listed = render_message(row(Text(text="hi"), role="user", text="hi", metadata={"n": 1}))
    assert listed == {
        "id": "00000000-0000-0000-0000-000000000001",
        "role": "user",
        "text": "hi",
        "name": None,
        "created_at": "2025-04-15T13:07:28.764Z",
        "sent_at": None,
        "tool_calls": [],
        "tool_call_id": None,
        "metadata": {"n": 1},
        "status": "complete",
    }


def test_tool_calls_render_in_the_five_strict_keys_and_text_is_never_null():
    call = ToolCall(id="c1", name="find", arguments='{"a":1}')
    listed = render_message(row(Reasoning(text="hm"), call, role="assistant"))
    assert listed["tool_calls"] == [CALL]
    assert listed["text"] == ""


def test_a_tools_message_names_the_call_it_answers():
    listed = render_message(row(ToolResult(call_id="c1", text="3"), role="tool", text="3"))
    assert (listed["text"], listed["tool_call_id"]) == ("3", "c1")


def test_metadata_that_strict_clients_refuse_are_given_as_text():
    listed = render_message(row(role="user", metadata={"f": 1.5, "o": {"a": 1}, "l": [True, 2.5]}))
    assert listed["metadata"] == {"f": "1.5", "o": '{"a":1}', "l": [True, "2.5"]}
