"""A chat request as material: what is asked, in which words, and the transcript to look in."""

from collections.abc import Iterator

from common.schemas import check_schema
from vocabulary.chat import (
    ChatRequest,
    FunctionTool,
    Message,
    Reasoning,
    Refusal,
    ServerTool,
    Text,
    ToolCall,
    ToolResult,
)
from vocabulary.errors import InvalidRequest, Unrepresentable
from wire.extraction import Line

READABLE = Text | ToolCall | ToolResult | Reasoning | Refusal
ORDERS = frozenset({"system", "developer"})
# More is more than any context, and time that others wait.
MAX_CHARACTERS = 1_000_000
# What a tool said counts as the agent's words.
ROLES = {"user": "user", "assistant": "assistant", "tool": "assistant"}


def check_parts(request: ChatRequest, model: str) -> None:
    """Raise `Unrepresentable` for what is not text; nothing is dropped in silence."""
    for place, message in enumerate(request.messages):
        for number, part in enumerate(message.parts):
            if not isinstance(part, READABLE):
                path = f"messages[{place}].content[{number}]"
                raise Unrepresentable(path, f"builtin/{model} reads text only")
    for place, tool in enumerate(request.tools):
        if isinstance(tool, ServerTool):
            raise Unrepresentable(f"tools[{place}]", f"builtin/{model} knows function tools only")


def check_length(request: ChatRequest, model: str) -> None:
    """Raise `InvalidRequest` for more than is read; counting its tokens would take a minute."""
    if sum(len(message.text) for message in request.messages) > MAX_CHARACTERS:
        message = f"builtin/{model} reads up to {MAX_CHARACTERS} characters"
        raise InvalidRequest("messages", message)


def check_tools(request: ChatRequest) -> None:
    """Raise `InvalidRequest` for parameters that no arguments could be made for or judged by."""
    for place, tool in enumerate(request.tools):
        if isinstance(tool, FunctionTool) and tool.parameters:
            check_schema(tool.parameters, f"tools[{place}].function.parameters")


def functions(request: ChatRequest) -> list[FunctionTool]:
    return [tool for tool in request.tools if isinstance(tool, FunctionTool)]


def orders(request: ChatRequest) -> str:
    """The system's and developer's words."""
    return "\n\n".join(m.text for m in request.messages if m.role in ORDERS and m.text)


def last_words(request: ChatRequest) -> str:
    """The last thing that the user, or a tool, said."""
    said = (m.text for m in reversed(request.messages) if m.role in ("user", "tool"))
    return next(said, "")


def tool_results(request: ChatRequest) -> list[str]:
    """The results that the request ends with; empty when something else was said since."""
    return [part.text for part in reversed(list(_trailing_results(request)))]


def lines(request: ChatRequest) -> tuple[Line, ...]:
    """What was said, each message by its place in the request."""
    return tuple(
        Line(index=place, role=ROLES[message.role], name=message.name or "", text=message.text)
        for place, message in enumerate(request.messages)
        if message.role in ROLES
    )


def _trailing_results(request: ChatRequest) -> Iterator[ToolResult]:
    for message in reversed(request.messages):
        results = _results(message)
        if not results:
            return
        yield from reversed(results)


def _results(message: Message) -> list[ToolResult]:
    return [part for part in message.parts if isinstance(part, ToolResult)]
