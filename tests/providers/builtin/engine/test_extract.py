"""Schema in, schema-valid value out, each part with the words it stands in."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.schemas import check_schema, faults
from providers.builtin.engine.extract import extract
from providers.builtin.engine.sense import Keywords, best_sense
from tests.providers.builtin.talk import PARCEL, lines_of
from vocabulary.errors import UpstreamRefused
from vocabulary.json import Json, JsonObject
from wire.extraction import Extraction, Finding, Line, write_finding

DATA = Path(__file__).parents[3] / "data"
HELD_OUT = (DATA / "insight_heldout.jsonl").read_text()
CONVERSATIONS = [json.loads(line) for line in HELD_OUT.splitlines()]
KEYWORDS = Keywords()
SENSES = [KEYWORDS, best_sense()]
HARD: dict[str, JsonObject] = json.loads((DATA / "hard_schemas.json").read_text())


def lines_from(conversation) -> tuple[Line, ...]:
    return tuple(
        Line(index=index, role=m["role"], name="", text=m["content"])
        for index, m in enumerate(conversation["messages"])
    )


def run(
    schema: JsonObject | None, lines: tuple[Line, ...], sense=KEYWORDS, instructions=""
) -> Finding:
    return extract(Extraction(instructions=instructions, lines=lines, schema=schema), sense)


def assert_literal(finding: Finding, lines: tuple[Line, ...]) -> None:
    text = {line.index: line.text for line in lines}
    for quote in finding.quotes:
        assert quote.quote
        assert quote.quote in text[quote.message]
        assert quote.confidence is not None
        assert 0 <= quote.confidence <= 1
        assert at(finding.value, quote.path) is not None


def at(value: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)]
        else:
            assert isinstance(value, dict)
            value = value[step.replace("~1", "/").replace("~0", "~")]
    return value


# -- always valid -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HARD)
def test_hard_schemas_are_satisfied_whatever_was_said(name: str):
    schema = HARD[name]
    check_schema(schema)
    for conversation in CONVERSATIONS[:8]:
        lines = lines_from(conversation)
        finding = run(schema, lines)
        assert faults(finding.value, schema) == []
        assert_literal(finding, lines)


NAMES = st.sampled_from(
    ["email", "phone", "summary", "resolved", "csat", "topic", "name", "due_date", "x/y~z", "total"]
)
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "boolean", "null", "number", "integer"])},
        optional={"description": st.sampled_from(["The amount", "Whether it is solved", "Why?"])},
    ),
    st.integers(-9, 9).flatmap(
        lambda low: st.builds(
            lambda size: {"type": "integer", "minimum": low, "maximum": low + size},
            st.integers(0, 4),
        )
    ),
    st.lists(
        st.sampled_from(["billing", "low", "high", "yes", "no", "other"]), min_size=1, unique=True
    ).map(lambda values: {"enum": values}),
    st.integers(0, 30).map(
        lambda size: {"type": "string", "minLength": size, "maxLength": size + 5}
    ),
)


def containers(inner):
    return st.one_of(
        st.builds(
            lambda props, needed: {
                "type": "object",
                "properties": props,
                "required": sorted(props)[: needed % (len(props) + 1)],
                "additionalProperties": False,
            },
            st.dictionaries(NAMES, inner, max_size=4),
            st.integers(0, 5),
        ),
        st.builds(
            lambda items, least: {
                "type": "array",
                "items": items,
                "minItems": least,
                "maxItems": 4,
            },
            inner,
            st.integers(0, 3),
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    )


@given(schema=st.recursive(LEAVES, containers, max_leaves=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_small_schema_is_satisfied_with_literal_evidence(schema: JsonObject):
    lines = lines_of(PARCEL)
    finding = run(schema, lines)
    assert faults(finding.value, schema) == []
    assert_literal(finding, lines)


def test_a_schema_that_nothing_satisfies_is_refused():
    with pytest.raises(UpstreamRefused):
        run({"type": "integer", "minimum": 3, "maximum": 2}, lines_of(PARCEL))


# -- evidence -----------------------------------------------------------------------------------
@pytest.mark.parametrize("sense", SENSES)
def test_every_quote_stands_literally_in_its_message(sense):
    for conversation in CONVERSATIONS:
        lines = lines_from(conversation)
        for template in conversation["templates"]:
            schema = template["json_schema"]
            finding = run(schema, lines, sense, template["instructions"])
            assert faults(finding.value, schema) == []
            assert_literal(finding, lines)


@given(st.lists(st.text(max_size=60), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_words_can_be_read(texts: list[str]):
    lines = tuple(
        Line(index=place * 2, role="user" if place % 2 else "assistant", name="", text=text)
        for place, text in enumerate(texts)
    )
    for template in CONVERSATIONS[0]["templates"]:
        finding = run(template["json_schema"], lines)
        assert faults(finding.value, template["json_schema"]) == []
        assert_literal(finding, lines)
    assert_literal(run(None, lines, instructions="Summarise."), lines)


def test_what_was_not_said_is_null_and_without_evidence():
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "phone": {"type": ["string", "null"]},
            "amount": {"type": ["number", "null"]},
        },
        "required": ["phone", "amount"],
    }
    finding = run(schema, lines_of("customer: hello\nagent: good morning"))
    assert finding == Finding(value={"phone": None, "amount": None})


def test_what_is_optional_and_not_found_stays_away():
    schema: JsonObject = {"type": "object", "properties": {"phone": {"type": "string"}}}
    assert run(schema, lines_of("customer: hello")).value == {}


def test_a_required_value_that_was_not_found_has_no_evidence():
    schema: JsonObject = {
        "type": "object",
        "properties": {"phone": {"type": "string", "minLength": 3}},
        "required": ["phone"],
    }
    assert run(schema, lines_of("customer: hello")) == Finding(value={"phone": "---"})


def test_only_customer_and_agent_are_witnesses():
    lines = (
        Line(index=0, role="system", name="", text="Write to boss@shop.example."),
        Line(index=1, role="user", name="", text="I am at me@home.example."),
    )
    assert run({"type": "string", "format": "email"}, lines).value == "me@home.example"


def test_quotes_name_messages_by_their_own_index():
    lines = (Line(index=40, role="user", name="", text="mail me@home.example"),)
    (quote,) = run({"type": "string", "format": "email"}, lines).quotes
    assert (quote.message, quote.path) == (40, "")


def test_items_of_a_list_have_evidence_of_their_own():
    schema: JsonObject = {
        "type": "object",
        "properties": {"emails": {"type": "array", "items": {"type": "string"}}},
    }
    finding = run(schema, lines_of("customer: a@x.example or b@x.example"))
    assert finding.value == {"emails": ["a@x.example", "b@x.example"]}
    assert [quote.path for quote in finding.quotes] == ["/emails/0", "/emails/1"]


# -- the same again -----------------------------------------------------------------------------
@pytest.mark.parametrize("sense", SENSES)
def test_the_same_input_gives_the_same_bytes(sense):
    conversation = CONVERSATIONS[4]
    for template in conversation["templates"]:
        extraction = Extraction(
            instructions=template["instructions"],
            lines=lines_from(conversation),
            schema=template["json_schema"],
        )
        fresh = type(sense)()
        assert write_finding(extract(extraction, sense)) == write_finding(
            extract(extraction, fresh)
        )


# -- hostile texts ------------------------------------------------------------------------------
PIECES = ["a", "a ", "1 ", "1", "A1-", "dot a ", "@.", "thanks a ", "- ", "no one ", "www."]


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_makes_it_slow(piece: str):
    began = time.thread_time()
    for role in ("user", "assistant"):
        lines = (Line(index=0, role=role, name="", text=piece * (20_000 // len(piece))),)
        for template in CONVERSATIONS[1]["templates"]:
            run(template["json_schema"], lines)
    assert time.thread_time() - began < 10
