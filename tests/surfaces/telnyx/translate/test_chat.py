"""What Telnyx adds to OpenAI's chat format."""

from typing import Any

import pytest

from surfaces.telnyx.translate.chat import DEFAULT_MODEL, parse_chat
from vocabulary.chat import AnyJson, FunctionTool, Matching, OneOf, SchemaJson, ServerTool, Url
from vocabulary.errors import InvalidRequest

ASKED: Any = {"messages": [{"role": "user", "content": "hi"}], "model": "m"}


def test_a_request_without_a_model_gets_the_default_one():
    body = {"messages": ASKED["messages"]}
    assert parse_chat(body).model == DEFAULT_MODEL
    assert parse_chat({**body, "model": None}, default_model="mine").model == "mine"
    assert parse_chat(ASKED, default_model="mine").model == "m"


@pytest.mark.parametrize(
    ("extra", "output"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}}, None),
        ({"response_format": {"type": "json_object"}}, AnyJson()),
        (
            {"guided_json": {"type": "object"}},
            SchemaJson(name="guided_json", schema={"type": "object"}),
        ),
        ({"guided_regex": "a+"}, Matching(pattern="a+")),
        ({"guided_choice": ["a", "b"]}, OneOf(choices=("a", "b"))),
        (
            {"guided_choice": ["a"], "guided_json": None, "response_format": {"type": "text"}},
            OneOf(choices=("a",)),
        ),
    ],
    ids=str,
)
def test_the_shape_of_the_answer(extra: dict[str, Any], output: object):
    assert parse_chat({**ASKED, **extra}).output == output


@pytest.mark.parametrize(
    "pair",
    [
        ("guided_json", "guided_regex"),
        ("guided_json", "guided_choice"),
        ("guided_regex", "guided_choice"),
        ("guided_regex", "response_format"),
        ("guided_choice", "response_format"),
    ],
)
def test_two_shapes_exclude_each_other(pair: tuple[str, str]):
    shapes = {
        "guided_json": {"type": "object"},
        "guided_regex": "a",
        "guided_choice": ["a"],
        "response_format": {"type": "json_object"},
    }
    with pytest.raises(InvalidRequest) as caught:
        parse_chat({**ASKED, **{name: shapes[name] for name in pair}})
    assert caught.value.path == pair[0]
    assert pair[1] in caught.value.message


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({"guided_json": []}, "guided_json"),
        ({"guided_json": {"type": "nonsense"}}, "guided_json.type"),
        ({"guided_json": {"$ref": "http://a.example/"}}, "guided_json.$ref"),
        ({"guided_regex": 1}, "guided_regex"),
        ({"guided_choice": "a"}, "guided_choice"),
        ({"guided_choice": ["a", 1]}, "guided_choice[1]"),
        ({"best_of": 0}, "best_of"),
        ({"best_of": 1.5}, "best_of"),
        ({"use_beam_search": "yes"}, "use_beam_search"),
        ({"region": "Mars"}, "region"),
        ({"region": "EU", "mode": "strict"}, "region"),
        ({"tools": [{"type": "retrieval"}]}, "tools[0].type"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_place(extra: dict[str, Any], path: str):
    with pytest.raises(InvalidRequest) as caught:
        parse_chat({**ASKED, **extra})
    assert caught.value.path == path


def test_knobs_of_telnyx_alone_travel_in_its_own_extras():
    knobs = {"use_beam_search": True, "best_of": 2, "region": "EU", "mode": "preferred"}
    assert parse_chat({**ASKED, **knobs, "early_stopping": None}).extras["telnyx"] == knobs
    assert "telnyx" not in parse_chat(ASKED).extras


def test_n_may_be_a_float_and_an_image_a_plain_address():
    image = {"type": "image_url", "image_url": "https://a.example/b.png"}
    request = parse_chat({**ASKED, "n": 2.0, "messages": [{"role": "user", "content": [image]}]})
    assert request.sampling.n == 2
    [part] = request.messages[0].parts
    assert part.at == Url(url="https://a.example/b.png")  # type: ignore[union-attr]


def test_retrieval_is_a_tool_of_ours_where_it_is_installed():
    tools = [
        {"type": "retrieval", "retrieval": {"bucket_ids": ["b"], "max_num_results": 3}},
        {"type": "function", "function": {"name": "f"}},
    ]
    request = parse_chat({**ASKED, "tools": tools}, server_tools=["retrieval"])
    assert request.tools == (
        ServerTool(name="retrieval", options={"bucket_ids": ["b"], "max_num_results": 3}),
        FunctionTool(name="f"),
    )


@pytest.mark.parametrize(
    ("retrieval", "path"),
    [
        ({}, "tools[0].retrieval.bucket_ids"),
        ({"bucket_ids": "b"}, "tools[0].retrieval.bucket_ids"),
        ({"bucket_ids": [1]}, "tools[0].retrieval.bucket_ids[0]"),
        ({"bucket_ids": ["b"], "max_num_results": 0}, "tools[0].retrieval.max_num_results"),
    ],
    ids=str,
)
def test_retrieval_says_which_buckets(retrieval: dict[str, Any], path: str):
    tool = {"type": "retrieval", "retrieval": retrieval}
    with pytest.raises(InvalidRequest) as caught:
        parse_chat({**ASKED, "tools": [tool]}, server_tools=["retrieval"])
    assert caught.value.path == path
