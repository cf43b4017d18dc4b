"""A model that calls a tool of ours hears its own signed thoughts again."""

from dataclasses import dataclass

from inference.tools import ToolUser
from providers.anthropic.adapter import Anthropic
from providers.protocols import Account, Target
from tests.fakes.faults import Events, Json
from tests.providers.anthropic.replies import MESSAGE, TEXT, spell, stream
from vocabulary.chat import ChatRequest, FunctionTool, Message, ServerTool, Text
from vocabulary.streams import fold

HELLO = ChatRequest(
    model="m",
    messages=(Message(role="user", parts=(Text(text="Weather?"),)),),
    tools=(ServerTool(name="get_weather"),),
)
CALLED = MESSAGE | {"content": MESSAGE["content"][:4]}


@dataclass(frozen=True)
class Weather:
    async def check(self) -> None:
        pass

    def offer(self, name: str) -> FunctionTool:
        return FunctionTool(name="get_weather")

    async def call(self, arguments: str) -> str:
        return "21 °C"

    async def find(self, question: str) -> str:
        return ""


def target_of(upstream):
    account = Account(name="acme", kind="anthropic", base_url=upstream.url)
    return Target(account=account, model="claude-sonnet-4-5")


def asked_again(upstream):
    _, body = upstream.bodies
    _, said, results = body["messages"]
    return said["content"], results["content"]


async def test_whole(upstream):
    upstream.script(Json(CALLED), Json(TEXT))
    user = ToolUser(Anthropic(), [Weather()], lambda usage: None)
    response = await user.complete(HELLO, target_of(upstream))
    assert response.text.endswith("Hello there.")
    said, results = asked_again(upstream)
    assert said == CALLED["content"]
    assert [result["content"] for result in results] == ["21 °C"]


async def test_streamed(upstream):
    told = (spell(stream(message)).decode() for message in (CALLED, TEXT))
    upstream.script(*map(Events, told))
    user = ToolUser(Anthropic(), [Weather()], lambda usage: None)
    events = [event async for event in user.stream(HELLO, target_of(upstream))]
    assert fold(events).text.endswith("Hello there.")
    said, _ = asked_again(upstream)
    assert said == CALLED["content"]
