"""What a model claims counts as far as its quotes stand in the transcript."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.evidence import (
    Evidence,
    Field,
    FieldState,
    Passage,
    describe,
    judge,
    leaves_of,
)
from wire.extraction import Quote
from wire.pointers import find, steps_of

MESSAGES = (
    Passage(id="m0", text="My printer is broken."),
    Passage(id="m1", text="Have you tried turning it off and on again?"),
    Passage(id="m2", text="Yes! Thanks, that fixed it."),
)


def quote(path: str, message: int, words: str, confidence: float | None = None) -> Quote:
    return Quote(path=path, message=message, quote=words, confidence=confidence)


def states(value, *quotes: Quote, faulty=()) -> dict[str, str]:
    return {f.path: f.state.value for f in judge(value, quotes, MESSAGES, faulty)}


def test_a_value_with_a_verified_quote_is_found():
    [field] = judge({"resolved": True}, [quote("/resolved", 2, "THAT fixed it", 0.9)], MESSAGES)
    assert field == Field(
        path="/resolved",
        state=FieldState.FOUND,
        confidence=0.9,
        evidence=(Evidence(message_id="m2", quote="that fixed it", start=13, end=26),),
    )
    assert MESSAGES[2].text[13:26] == "that fixed it"


def test_a_fabricated_quote_bears_out_nothing():
    assert states({"resolved": True}, quote("/resolved", 2, "I am perfectly happy now")) == {
        "/resolved": "unsupported"
    }


def test_null_and_empty_lists_mention_nothing():
    value = {"name": None, "steps": [], "more": {}}
    assert set(states(value, quote("/name", 0, "My printer")).values()) == {"not_mentioned"}


def test_false_zero_and_empty_text_are_values_that_need_evidence():
    assert set(states({"a": False, "b": 0, "c": ""}).values()) == {"unsupported"}


def test_a_quote_from_another_message_than_named_is_found_where_it_stands():
    [field] = judge("a printer", [quote("", 99, "printer is broken")], MESSAGES)
    assert field.evidence[0].message_id == "m0"
    [field] = judge("a printer", [quote("", -1, "printer is broken")], MESSAGES)
    assert field.evidence[0].message_id == "m0"


def test_the_named_message_comes_before_others_with_the_same_words():
    twice = (Passage(id="a", text="yes"), Passage(id="b", text="yes"))
    [field] = judge(True, [quote("", 1, "yes")], twice)
    assert field.evidence[0].message_id == "b"


def test_evidence_for_a_list_bears_out_its_items():
    value = {"steps": ["off", "on"], "other": "x"}
    assert states(value, quote("/steps", 1, "turning it off and on")) == {
        "/steps/0": "found",
        "/steps/1": "found",
        "/other": "unsupported",
    }


def test_evidence_for_an_item_bears_out_no_other():
    value = ["off", "on"]
    assert states(value, quote("/0", 1, "off")) == {"/0": "found", "/1": "unsupported"}


def test_evidence_for_the_whole_bears_out_one_leaf_but_not_one_of_several():
    whole = quote("", 0, "printer")
    assert states({"topic": "printer"}, whole) == {"/topic": "found"}
    assert set(states({"topic": "printer", "resolved": True}, whole).values()) == {"unsupported"}


@pytest.mark.parametrize("path", ["/topic", "topic", "#/topic", "/value/topic"])
def test_a_path_is_understood_as_models_write_it(path):
    assert states({"topic": "printer", "b": None}, quote(path, 0, "printer"))["/topic"] == "found"


def test_a_member_that_is_called_value_keeps_its_path():
    assert states({"value": "printer", "b": None}, quote("/value", 0, "printer")) == {
        "/value": "found",
        "/b": "not_mentioned",
    }


def test_what_the_schema_refuses_is_invalid_whatever_the_evidence():
    value = {"score": 11}
    assert states(value, quote("/score", 0, "printer"), faulty=["/score", ""]) == {
        "/score": "invalid",
        "": "invalid",
    }


def test_the_same_quote_twice_is_one_piece_of_evidence_with_the_higher_confidence():
    twice = [quote("", 0, "printer", 0.2), quote("", 0, "Printer", 0.6)]
    [field] = judge("printer", twice, MESSAGES)
    assert len(field.evidence) == 1
    assert field.confidence == 0.6


def test_a_field_is_described_as_the_contract_says():
    [field] = judge("broken", [quote("", 0, "broken")], MESSAGES)
    assert describe(field) == {
        "path": "",
        "state": "found",
        "confidence": None,
        "evidence": [{"message_id": "m0", "quote": "broken", "start": 14, "end": 20}],
    }


names = st.text(alphabet="a/~é", max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_every_leaf_is_where_its_pointer_leads(value):
    leaves = dict(leaves_of(value))
    assert leaves
    for pointer, leaf in leaves.items():
        assert find(value, steps_of(pointer)) == leaf


@given(values, st.lists(st.builds(quote, names, st.integers(-2, 9), st.text(max_size=9))))
def test_whatever_a_model_quotes_what_is_found_stands_in_the_message(value, quotes):
    texts = {passage.id: passage.text for passage in MESSAGES}
    fields = judge(value, quotes, MESSAGES)
    assert [field.path for field in fields] == [path for path, _ in leaves_of(value)]
    for field in fields:
        assert bool(field.evidence) == (field.state is FieldState.FOUND)
        for e in field.evidence:
            assert texts[e.message_id][e.start : e.end] == e.quote
