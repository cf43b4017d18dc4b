"""One server as the upstream of another: what comes through the outer one is what the inner one
would have said itself."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest

from tests.journeys.live import Deployment, deployment

pytestmark = pytest.mark.journey

SURFACES: Final = {
    "openai": "/openai/v1",
    "telnyx": "/telnyx/v2",
    "azure": "/azure/models",
}
"""Upstream kind -> where the inner server speaks its format."""
MODELS: Final = "builtin/echo,builtin/minilm,builtin/speak,builtin/listen"
WEATHER: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
VERDICT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"resolved": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["resolved", "why"],
    "additionalProperties": False,
}


class Caller:
    """Somebody with a key of one of the servers, who asks for its models below `prefix`."""

    def __init__(self, url: str, key: str, prefix: str = "") -> None:
        self._http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60
        )
        self._prefix = prefix

    def close(self) -> None:
        self._http.close()

    def send(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return self._http.post(path, json=self._named(body))

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = self.send(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def chat(self, path: str = "/openai/v1/chat/completions", **body: Any) -> dict[str, Any]:
        """What of an answer does not depend on who gives it, and when."""
        answer = self.ask(path, body)
        choices = [_without_ids(choice) for choice in answer["choices"]]
        return {"choices": choices, "usage": answer["usage"]}

    def stream(self, **body: Any) -> dict[str, Any]:
        """The same, put together from a stream."""
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        chunks = list(self._chunks(self._named(body)))
        return {"choices": [_joined(chunks)], "usage": chunks[-1]["usage"]}

    def _chunks(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        with self._http.stream("POST", "/openai/v1/chat/completions", json=body) as answer:
            assert answer.status_code == 200, answer.read()
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    yield json.loads(line.removeprefix("data: "))

    def speak(self, body: Mapping[str, Any]) -> bytes:
        answer = self._http.post("/telnyx/v2/text-to-speech/speech", json=body)
        assert answer.status_code == 200, answer.text
        return answer.content

    def hear(self, model: str, recording: bytes) -> str:
        answer = self._http.post(
            "/telnyx/v2/ai/audio/transcriptions",
            data={"model": model},
            files={"file": ("speech", recording)},
        )
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["text"]
        return text

    def _named(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "model": f"{self._prefix}{body['model']}"}


def _without_ids(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice["message"]
    calls = [call["function"] for call in message.get("tool_calls") or []]
    return {
        "content": message["content"] or "",
        "calls": calls,
        "finish": choice["finish_reason"],
    }


def _joined(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    calls: dict[int, dict[str, str]] = {}
    for piece in (p for c in choices for p in c["delta"].get("tool_calls") or []):
        call = calls.setdefault(piece["index"], {"name": "", "arguments": ""})
        call["name"] += piece["function"].get("name") or ""
        call["arguments"] += piece["function"].get("arguments") or ""
    return {
        "content": "".join(choice["delta"].get("content") or "" for choice in choices),
        "calls": list(calls.values()),
        "finish": choices[-1]["finish_reason"],
    }


@pytest.fixture(scope="module")
def inner(embedded: Deployment, credentials: Mapping[str, str]) -> Iterator[Caller]:
    caller = Caller(embedded.url, credentials["COLLOQUY_KEY"])
    yield caller
    caller.close()


@pytest.fixture(scope="module")
def outer(
    tmp_path_factory: pytest.TempPathFactory,
    embedded: Deployment,
    credentials: Mapping[str, str],
) -> Iterator[tuple[Deployment, str]]:
    place = deployment(tmp_path_factory.mktemp("outer"))
    place.manage("migrate", "--verbosity", "0")
    place.manage("create_organisation", "outer")
    for kind, path in SURFACES.items():
        account = ["--kind", kind, "--name", f"by-{kind}", "--base-url", f"{embedded.url}{path}"]
        key = ["--api-key", credentials["COLLOQUY_KEY"], "--models", MODELS]
        place.manage("create_provider", "outer", *account, *key)
    with place.serving():
        yield place, place.manage("create_api_key", "outer")


@pytest.fixture(params=SURFACES)
def through(request: pytest.FixtureRequest, outer: tuple[Deployment, str]) -> Iterator[Caller]:
    place, key = outer
    caller = Caller(place.url, key, prefix=f"by-{request.param}/")
    yield caller
    caller.close()


def say(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "builtin/echo", "messages": [{"role": "user", "content": text}], **more}


ASKED: Final = {
    "words": say("Wie spät ist es in Zürich? 🕰"),
    "several lines": say("one\n\ntwo\r\nthree"),
    "a tool": say(
        '{"city": "Rome"}', tools=[WEATHER], tool_choice="required", parallel_tool_calls=False
    ),
    "a tool by name": say(
        '{"city": "Oslo"}',
        tools=[WEATHER],
        tool_choice={"type": "function", "function": {"name": "weather"}},
    ),
    "a schema": say(
        '{"resolved": true, "why": "it was"}',
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "verdict", "schema": VERDICT, "strict": True},
        },
    ),
    "a tool's result": {
        "model": "builtin/echo",
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Rome"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
            {"role": "user", "content": "Thanks."},
        ],
        "tools": [WEATHER],
    },
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_chat_through_another_server_is_the_same(
    inner: Caller, through: Caller, asked: dict[str, Any]
):
    direct = inner.chat(**asked)
    assert direct["choices"][0]["content"] or direct["choices"][0]["calls"]
    assert through.chat(**asked)["choices"] == direct["choices"]


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_stream_through_another_server_is_the_same(
    inner: Caller, through: Caller, asked: dict[str, Any]
):
    direct = inner.stream(**asked)
    assert direct["choices"] == inner.chat(**asked)["choices"]
    assert through.stream(**asked)["choices"] == direct["choices"]


def test_what_was_used_is_counted_as_the_inner_server_counted_it(inner: Caller, through: Caller):
    asked = ASKED["words"]
    assert through.chat(**asked)["usage"] == inner.chat(**asked)["usage"]
    assert through.stream(**asked)["usage"] == inner.stream(**asked)["usage"]


GUIDED: Final = [
    {"guided_choice": ["no", "yes"]},
    {"guided_regex": "[a-z]{3}"},
    {"guided_json": VERDICT},
]


@pytest.mark.parametrize("guide", GUIDED, ids=lambda guide: next(iter(guide)))
def test_guided_answers_through_another_server_are_the_same(
    inner: Caller, through: Caller, guide: dict[str, Any]
):
    path, asked = "/telnyx/v2/ai/chat/completions", say("yes", **guide)
    assert through.chat(path, **asked)["choices"] == inner.chat(path, **asked)["choices"]


def test_embeddings_through_another_server_are_the_same(inner: Caller, through: Caller):
    asked = {"model": "builtin/minilm", "input": ["A parcel that was lost.", "Où est-il ?", "x"]}
    direct = inner.ask("/openai/v1/embeddings", asked)
    answer = through.ask("/openai/v1/embeddings", asked)
    assert answer["data"] == direct["data"]
    assert answer["usage"] == direct["usage"]


@pytest.mark.parametrize("format", ["mp3", "wav"])
def test_speech_through_another_server_is_the_same(
    inner: Caller, outer: tuple[Deployment, str], format: str
):
    """And so is what is heard in it."""
    pytest.importorskip("pocketsphinx")
    place, key = outer
    through = Caller(place.url, key)
    settings = {"voice_settings": {"response_format": format}}
    asked = {"text": "The parcel is lost.", **settings}
    direct, spoken = (
        caller.speak({**asked, "voice": voice})
        for caller, voice in ((inner, "builtin.en-us"), (through, "by-telnyx.en-us"))
    )
    assert spoken == direct
    heard = [
        caller.hear(model, direct)
        for caller, model in ((inner, "builtin/listen"), (through, "by-telnyx/builtin/listen"))
    ]
    through.close()
    assert heard[0] == heard[1] != ""


def test_a_refusal_of_the_inner_server_is_told_by_the_outer_one(inner: Caller, through: Caller):
    asked = {"model": "builtin/minilm", "input": "x", "dimensions": 12}
    direct, told = (caller.send("/openai/v1/embeddings", asked) for caller in (inner, through))
    assert direct.status_code == told.status_code == 400
    words = direct.json()["error"]["message"].removeprefix("dimensions: ")
    assert words in told.json()["error"]["message"]
