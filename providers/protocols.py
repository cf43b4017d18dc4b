"""What an adapter is: one small protocol a power. What it can do is which it satisfies."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from common.secrets import Secret
from providers.prices import Tariff
from vocabulary.chat import ChatEvent, ChatRequest, ChatResponse
from vocabulary.embeddings import EmbeddingRequest, EmbeddingResponse
from vocabulary.finetuning import TuningOrder, TuningState
from vocabulary.json import JsonObject
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import TranscriptionRequest, TranscriptionResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An upstream account as a plain value."""

    name: str
    kind: str
    base_url: str = ""
    api_key: Secret = field(default_factory=lambda: Secret(""))
    options: JsonObject = field(default_factory=dict)
    id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the catalogue knows of a model; `writes_schema` means native json_schema output.

    One that `searches` is given a search as a tool; another is given what a search finds.
    `max_completion_tokens` is the longest answer that it can give, where that is known. One whose
    upstream `guides` can be asked for bare texts of a few or of a pattern.
    """

    writes_schema: bool = False
    calls_tools: bool = True
    sees_images: bool = False
    searches: bool = True
    max_completion_tokens: int | None = None
    guides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes: the account, and the model by the upstream's own id.

    `tariff` is what it costs today; None is unknown. `alias` is what callers call a model that
    was fine-tuned.
    """

    account: Account
    model: str
    facts: Facts = Facts()
    tariff: Tariff | None = None
    alias: str = ""

    @property
    def name(self) -> str:
        """The full name that callers may use for it."""
        return self.alias or f"{self.account.name}/{self.model}"


@runtime_checkable
class ChatProvider(Protocol):
    """Answers chats. Both methods raise `UpstreamError` or `Unrepresentable`.

    A stream that ends without `Finished` for each choice raises `UpstreamUnavailable`.
    """

    async def complete(self, request: ChatRequest, target: Target) -> ChatResponse: ...

    def stream(self, request: ChatRequest, target: Target) -> AsyncIterator[ChatEvent]: ...


@runtime_checkable
class GuidingProvider(Protocol):
    """Keeps to `OneOf` and `Matching` itself: its chats may be handed those as they are."""

    @property
    def guides(self) -> bool: ...


@runtime_checkable
class EmbeddingProvider(Protocol):
    """Turns texts into vectors. Raises `UpstreamError` or `Unrepresentable`."""

    async def embed(self, request: EmbeddingRequest, target: Target) -> EmbeddingResponse: ...


@runtime_checkable
class SpeechProvider(Protocol):
    """Speaks texts. `find_voices` are those of an account. Both raise `UpstreamError`."""

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse: ...

    async def find_voices(self, account: Account) -> tuple[Voice, ...]: ...


@runtime_checkable
class TranscriptionProvider(Protocol):
    """Writes down what is said. Raises `UpstreamError`, `Unrepresentable` or `InvalidRequest`."""

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse: ...


@runtime_checkable
class FinetuningProvider(Protocol):
    """Trains models. `begin` with a key that was used before finds that job; without an id in its
    answer it wants to be asked again. `find` tells what was begun with a key, None for nothing.
    `look` tells how a job stands, with events after the one whose key is `known`. One that has
    ended stays as it is when it is cancelled. All raise `UpstreamError`, and `begin`
    `InvalidRequest` for examples that the provider cannot train on, as far as `check_examples`,
    which reads them in the calling thread, has not said so before."""

    def check_examples(self, training: Path) -> None: ...

    async def begin(self, order: TuningOrder, target: Target) -> TuningState: ...

    async def find(self, key: str, target: Target) -> TuningState | None: ...

    async def look(self, job_id: str, target: Target, *, known: str = "") -> TuningState: ...

    async def cancel(self, job_id: str, target: Target) -> TuningState: ...
