"""One answer of the Generative Language API on its way: pieces in, events out.

Each piece has the form of a whole answer. Parts that no vocabulary knows (code that was run, say)
come only from tools that are never asked for; they are left out. Faults of shape raise
`InvalidRequest`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from providers.gemini.signatures import make_id, sign
from providers.gemini.usage import read_logprobs, read_usage
from vocabulary.chat import (
    Audio,
    ChatEvent,
    Finish,
    Finished,
    Image,
    Inline,
    Metered,
    Part,
    PartEnded,
    PartGrew,
    PartStarted,
    Reasoning,
    Started,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from vocabulary.json import JsonObject
from wire.fields import (
    as_object,
    find_flag,
    find_list,
    find_object,
    find_text,
    find_whole,
    get_text,
    place,
)

type Spoken = Text | Reasoning

FINISHES: Final[dict[str, Finish]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "ESCALATION": "content_filter",
}
"""All other words tell that something went wrong."""
_UNSAID: Final = "FINISH_REASON_UNSPECIFIED"


@dataclass(slots=True)
class _Candidate:
    """One choice on its way: how many parts it has, and which of them is still growing."""

    index: int
    response_id: str
    parts: int = 0
    spoken: type[Spoken] | None = None
    has_calls: bool = False
    reason: str = ""

    def say(
        self, kind: type[Spoken], text: str, logprobs: tuple[TokenLogprob, ...] = ()
    ) -> Iterator[ChatEvent]:
        """Words of one kind grow one part until another kind begins."""
        if self.spoken is not kind:
            yield from self.hush()
            yield self._start(kind(text=""))
            self.spoken = kind
        yield PartGrew(choice=self.index, index=self.parts - 1, text=text, logprobs=logprobs)

    def hush(self, signature: str | None = None) -> Iterator[ChatEvent]:
        if self.spoken is not None:
            self.spoken = None
            yield PartEnded(choice=self.index, index=self.parts - 1, signature=signature)

    def add(self, part: Part, text: str = "") -> Iterator[ChatEvent]:
        """A part that is whole."""
        yield from self.hush()
        yield self._start(part)
        if text:
            yield PartGrew(choice=self.index, index=self.parts - 1, text=text)
        yield PartEnded(choice=self.index, index=self.parts - 1)

    def call(self, body: JsonObject, at: str) -> Iterator[ChatEvent]:
        self.has_calls = True
        made = make_id(self.response_id, self.index, self.parts)
        call_id = find_text(body, "id", at) or made
        arguments = json.dumps(find_object(body, "args", at) or {}, ensure_ascii=False)
        yield from self.add(
            ToolCall(id=call_id, name=get_text(body, "name", at), arguments=""), arguments
        )

    def finish(self) -> Iterator[ChatEvent]:
        yield from self.hush()
        finish = FINISHES.get(self.reason, "error")
        called = finish == "stop" and self.has_calls
        yield Finished(choice=self.index, finish="tool_calls" if called else finish)

    def _start(self, part: Part) -> PartStarted:
        self.parts += 1
        return PartStarted(choice=self.index, index=self.parts - 1, part=part)


class Answer:
    """Reads one answer. `finish` is to be called once, when nothing more will come."""

    def __init__(self) -> None:
        self._started: Started | None = None
        self._candidates: dict[int, _Candidate] = {}
        self._is_blocked = False
        self._usage: Usage | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there is a candidate, or a word about why there is none."""
        return bool(self._candidates) or self._is_blocked

    @property
    def has_ended(self) -> bool:
        """Whether all candidates said why they ended."""
        return self.has_begun and all(c.reason for c in self._candidates.values())

    def read(self, piece: JsonObject) -> Iterator[ChatEvent]:
        if self._started is None:
            self._started = Started(
                id=find_text(piece, "responseId", "") or "",
                model=find_text(piece, "modelVersion", "") or "",
                created=0,
            )
            yield self._started
        for position, candidate in enumerate(find_list(piece, "candidates", "")):
            at = f"candidates[{position}]"
            yield from self._read_candidate(as_object(candidate, at), position, at)
        feedback = find_object(piece, "promptFeedback", "") or {}
        self._is_blocked = self._is_blocked or bool(feedback.get("blockReason"))
        self._usage = read_usage(find_object(piece, "usageMetadata", "")) or self._usage

    def finish(self) -> Iterator[ChatEvent]:
        """A question that was blocked has an empty answer, of which that is all there is to say."""
        for candidate in self._candidates.values():
            yield from candidate.finish()
        if not self._candidates:
            yield Finished(finish="content_filter")
        if self._usage is not None:
            yield Metered(usage=self._usage)

    def _read_candidate(self, body: JsonObject, position: int, at: str) -> Iterator[ChatEvent]:
        told = find_whole(body, "index", at, least=0)
        index = position if told is None else told
        response_id = self._started.id if self._started else ""
        candidate = self._candidates.setdefault(index, _Candidate(index, response_id))
        yield from _read_content(candidate, body, at)
        reason = find_text(body, "finishReason", at)
        if reason and reason != _UNSAID:
            candidate.reason = reason


def _read_content(candidate: _Candidate, body: JsonObject, at: str) -> Iterator[ChatEvent]:
    """The log-probabilities of a piece are those of its words."""
    logprobs = read_logprobs(find_object(body, "logprobsResult", at), place(at, "logprobsResult"))
    content, inside = find_object(body, "content", at) or {}, place(at, "content")
    for i, value in enumerate(find_list(content, "parts", inside)):
        at_part = f"{inside}.parts[{i}]"
        part = as_object(value, at_part)
        has_words = bool(part.get("text")) and not part.get("thought")
        yield from _read_part(candidate, part, logprobs if has_words else (), at_part)
        logprobs = () if has_words else logprobs
    if logprobs:
        yield from candidate.say(Text, "", logprobs)


def _read_part(
    candidate: _Candidate, part: JsonObject, logprobs: tuple[TokenLogprob, ...], at: str
) -> Iterator[ChatEvent]:
    signature = find_text(part, "thoughtSignature", at)
    if find_flag(part, "thought", at):
        yield from candidate.say(Reasoning, find_text(part, "text", at) or "")
        if signature:
            yield from candidate.hush(signature)
        return
    if signature:
        yield from candidate.add(sign(signature))
    if call := find_object(part, "functionCall", at):
        yield from candidate.call(call, place(at, "functionCall"))
    elif data := find_object(part, "inlineData", at):
        yield from candidate.add(_read_medium(data, place(at, "inlineData")))
    elif text := find_text(part, "text", at):
        yield from candidate.say(Text, text, logprobs)


def _read_medium(data: JsonObject, at: str) -> Image | Audio:
    location = Inline(
        data=get_text(data, "data", at), media_type=find_text(data, "mimeType", at) or ""
    )
    return Audio(at=location) if location.media_type.startswith("audio/") else Image(at=location)
