"""Training files: good lines are read, bad ones told with their number."""

import json
from typing import Any

import pytest

from vocabulary.errors import InvalidRequest
from wire.training_files import MAX_LINE, Turn, material, read_examples, write_example

GOOD = write_example([("user", "Hello"), ("assistant", "greeting")])


def read(*lines: bytes) -> list[Any]:
    return list(read_examples([*lines, *[GOOD] * 10]))


def line(*messages: Any) -> bytes:
    return json.dumps({"messages": messages}).encode()


USER = {"role": "user", "content": "Hi"}
SAID = {"role": "assistant", "content": "ok"}


def test_orders_of_the_system_are_no_turns_and_blank_lines_no_examples():
    [first, *_] = read(b"\n", line({"role": "system", "content": "Classify"}, USER, SAID))
    assert (first.number, first.turns, first.answer) == (2, (Turn("user", "Hi"),), "ok")


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (b"{", "line 1: is not JSON"),
        (b"[]", 'line 1: must be an object with a list "messages"'),
        (b'{"prompt": "x", "completion": "y"}', "line 1: must be an object"),
        (line(USER), "line 1: must have 2 to 1000 messages"),
        (line(USER, USER), "line 1: the last message must be the assistant's"),
        (line(USER, {"role": "assistant", "content": " "}), "line 1: the assistant's last"),
        (line({"role": "system", "content": "x"}, SAID), "line 1: the user says nothing"),
        (line({"role": "bot", "content": "x"}, SAID), "line 1: messages[0].role must be one of"),
        (line({"role": "user", "content": 1}, SAID), "line 1: messages[0].content must be text"),
        (line("x", SAID), "line 1: messages[0] must be an object"),
        (b'{"messages": "\xff"}', "line 1: is not JSON"),
        (b"x" * (MAX_LINE + 1), f"line 1: is longer than {MAX_LINE} bytes"),
    ],
)
def test_a_bad_line_is_told_with_its_number(bad: bytes, fault: str):
    with pytest.raises(InvalidRequest) as caught:
        read(bad)
    assert (caught.value.path, caught.value.message[: len(fault)]) == ("training_file", fault)


def test_few_examples_are_too_few():
    with pytest.raises(InvalidRequest, match="has 9 examples; at least 10 are needed"):
        list(read_examples([GOOD] * 9))


def test_a_single_turn_is_read_as_it_is_and_a_talk_with_its_roles():
    assert material([Turn("user", "Hi")]) == "Hi"
    assert material([Turn("user", "Hi"), Turn("assistant", "Yes?")]) == "user: Hi\nassistant: Yes?"
