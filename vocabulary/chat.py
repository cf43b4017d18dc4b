"""What a chat is: the narrow waist between every surface and every provider.

Surfaces parse into `ChatRequest` and render from `ChatResponse` or `ChatEvent`s; adapters encode
the first and decode the other two. What several vendors say is a field; what one vendor says goes
to `extras["<vendor>"]`, which only that vendor's pair of functions reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vocabulary.json import Json, JsonObject

type Role = Literal["system", "developer", "user", "assistant", "tool"]
type Finish = Literal["stop", "length", "tool_calls", "content_filter", "error"]
type Detail = Literal["auto", "low", "high", "original"]


# -- where the bytes of a medium are ------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """An address the bytes can be fetched from."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """The bytes themselves, as standard base64 text."""

    data: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file kept here, by its id."""

    file_id: str


type Location = Url | Inline | Stored


# -- parts of a message -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    at: Location
    detail: Detail | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    at: Location
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    at: Location
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """`arguments` is the model's own JSON text, kept to the letter: it may be malformed."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    call_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    text: str
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    text: str


type Part = Text | Image | Audio | Video | Document | ToolCall | ToolResult | Reasoning | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`extras` hold what one vendor alone has beside the parts."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    extras: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The words of this message: text, refusals and tool results, joined as they stand."""
        return "".join(p.text for p in self.parts if isinstance(p, Text | Refusal | ToolResult))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(p for p in self.parts if isinstance(p, ToolCall))


# -- what is asked ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTool:
    """`parameters` is a JSON Schema; None means the tool takes no arguments."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTool:
    """A tool that we run ourselves, by its name in the plugboard (`retrieval`)."""

    name: str
    options: JsonObject = field(default_factory=dict)


type Tool = FunctionTool | ServerTool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTool:
    """The model must call this tool."""

    name: str


type ToolChoice = Literal["none", "auto", "required"] | NamedTool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyJson:
    """The answer is some JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaJson:
    """The answer is JSON that `schema` (draft 2020-12) accepts."""

    name: str
    schema: JsonObject
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The answer is exactly one of these texts."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The whole answer matches this RE2 pattern."""

    pattern: str


type Output = AnyJson | SchemaJson | OneOf | Matching


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Tuning knobs. A model that lacks one may ignore it; its codec's docstring says which."""

    temperature: float | None = None
    top_p: float | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    n: int = 1
    logprobs: bool = False
    top_logprobs: int | None = None
    logit_bias: Mapping[str, float] | None = None
    reasoning_effort: str | None = None
    parallel_tool_calls: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One question to one model. How the answer travels (whole or streamed) is not part of it.

    `output` None means free text.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    sampling: Sampling = Sampling()
    output: Output | None = None
    stop: tuple[str, ...] = ()
    user: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, JsonObject] = field(default_factory=dict)


# -- what is answered ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens. Cached ones are part of `prompt_tokens`, reasoning ones of `completion_tokens`.

    `audio_seconds` were listened to and `characters` spoken, by models that count no tokens.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    audio_tokens: int = 0
    audio_seconds: float = 0.0
    characters: int = 0
    estimated: bool = False

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        """Of two answers together."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            audio_tokens=self.audio_tokens + other.audio_tokens,
            audio_seconds=self.audio_seconds + other.audio_seconds,
            characters=self.characters + other.characters,
            estimated=self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogprob:
    """`top` holds the alternatives, as (token, log-probability)."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    message: Message
    finish: Finish
    index: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatResponse:
    """`created` is Unix seconds; `served_by` the provider account that answered."""

    id: str
    model: str
    created: int
    choices: tuple[Choice, ...]
    usage: Usage | None = None
    served_by: str = ""
    extras: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.choices[0].message.text if self.choices else ""


# -- the same, as it arrives --------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """First event of every stream."""

    id: str
    model: str
    created: int
    served_by: str = ""
    extras: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStarted:
    """`part` is the part as far as it is known; `index` counts parts within the choice."""

    index: int
    part: Part
    choice: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartGrew:
    """`text` is appended to the part's text, or to a tool call's arguments."""

    index: int
    text: str
    choice: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEnded:
    """`signature` is that of a `Reasoning` whose maker signs it when it is whole."""

    index: int
    choice: int = 0
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One choice is complete. `extras` are those of its message."""

    finish: Finish
    choice: int = 0
    extras: Mapping[str, JsonObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What the whole answer used; the last event where the upstream says it."""

    usage: Usage


type ChatEvent = Started | PartStarted | PartGrew | PartEnded | Finished | Metered
