"""A resent history is not stored twice, and nothing that was said is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conversations import history
from conversations.history import extend, extend_broken_off, fingerprint, new_messages
from vocabulary.chat import Message, Reasoning, Text, ToolCall, ToolResult


def user(text: str) -> Message:
    return Message(role="user", parts=(Text(text=text),))


def assistant(text: str) -> Message:
    return Message(role="assistant", parts=(Text(text=text),))


def tail_of(*messages: Message) -> list[str]:
    return extend((), messages)


short = st.sampled_from(["yes", "no", "ok"])
turn = st.tuples(st.builds(user, short), st.builds(assistant, short))
turns = st.lists(turn, max_size=60)


def flat(pairs: list[tuple[Message, Message]]) -> list[Message]:
    return [message for pair in pairs for message in pair]


@given(turns, short)
def test_the_whole_history_and_a_new_message_adds_the_new_message(said, text):
    stored = flat(said)
    assert list(new_messages(tail_of(*stored), [*stored, user(text)])) == [user(text)]


@given(turns, short)
def test_the_retry_of_a_failed_turn_adds_nothing(said, text):
    stored = [*flat(said), user(text)]
    assert list(new_messages(tail_of(*stored), stored)) == []


distinct = st.lists(st.text(min_size=3, max_size=8), unique=True, min_size=4, max_size=200)


@given(distinct, st.data())
def test_a_history_cut_at_the_front_adds_the_new_message(texts, data):
    stored = [user(text) if n % 2 == 0 else assistant(text) for n, text in enumerate(texts[:-1])]
    cut = data.draw(st.integers(0, len(stored) - 1))
    asked = [*stored[cut:], user(texts[-1])]
    assert list(new_messages(tail_of(*stored), asked)) == [user(texts[-1])]


@given(turns.filter(bool), short)
def test_a_message_alone_is_new_after_an_answer_even_if_it_was_said_before(said, text):
    assert list(new_messages(tail_of(*flat(said)), [user(text)])) == [user(text)]


@given(st.lists(st.builds(user, short) | st.builds(assistant, short)))
def test_all_is_new_in_an_empty_conversation(asked):
    assert list(new_messages((), asked)) == asked


def test_a_message_alone_that_got_no_answer_is_not_stored_twice():
    assert list(new_messages(tail_of(user("hello")), [user("hello")])) == []


def test_two_people_may_say_the_same():
    ann, bob = replace(user("yes"), name="ann"), replace(user("yes"), name="bob")
    assert list(new_messages(tail_of(ann), [bob])) == [bob]


def test_an_edited_history_adds_what_follows_its_last_answer():
    tail = tail_of(user("hi"), assistant("Hello there, friend"))
    asked = [user("hi"), assistant("Hello"), user("bye")]
    assert list(new_messages(tail, asked)) == [user("bye")]


def test_an_answer_that_never_reached_us_is_stored():
    asked = [user("hi"), assistant("said elsewhere"), user("bye")]
    assert list(new_messages(tail_of(user("hi")), asked)) == asked[1:]


def test_after_a_broken_answer_the_retry_adds_nothing():
    tail = extend_broken_off(tail_of(user("a"), assistant("b"), user("c")), [assistant("d")])
    assert list(new_messages(tail, [user("a"), assistant("b"), user("c")])) == []
    assert list(new_messages(tail, [user("c")])) == []


def test_a_broken_answer_that_comes_back_is_not_stored_twice():
    tail = extend_broken_off(tail_of(user("a")), [assistant("b")])
    assert list(new_messages(tail, [user("a"), assistant("b"), user("c")])) == [user("c")]


def test_the_results_of_tools_are_new_after_the_calls():
    call = Message(role="assistant", parts=(ToolCall(id="1", name="f", arguments='{"a": 1}'),))
    resent = Message(role="assistant", parts=(ToolCall(id="1", name="f", arguments='{"a":1}'),))
    result = Message(role="tool", parts=(ToolResult(call_id="1", text="2"),))
    stored = tail_of(user("go"), call)
    assert list(new_messages(stored, [user("go"), resent, result])) == [result]


def test_a_fingerprint_does_not_see_reasoning_nor_how_a_text_was_cut():
    answer = Message(role="assistant", parts=(Reasoning(text="hm"), Text(text="a"), Text(text="b")))
    assert fingerprint(answer) == fingerprint(assistant("ab"))
    assert fingerprint(answer) != fingerprint(user("ab"))


def test_an_instruction_is_stored_when_it_changes():
    old, new = (replace(user(text), role="system") for text in ("be kind", "be brief"))
    assert list(history.new_instructions(extend((), [old]), [old])) == []
    assert list(history.new_instructions(extend((), [old]), [old, new])) == [new]


@given(turns)
def test_a_tail_stays_short(said):
    assert len(tail_of(*flat(said))) <= history.REMEMBERED
