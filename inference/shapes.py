"""The shape an answer must have, as one thing whatever the caller asked for: a JSON Schema to hand
to a model, and a judge of the text that comes back.

Models are asked for JSON throughout. For `OneOf` and `Matching` that is `{"answer": "…"}`, and the
caller gets the bare text inside.
"""

from dataclasses import dataclass
from typing import Protocol, assert_never

import orjson
import re2

from common.patterns import compiled
from common.schemas import MAX_PATTERN, Fault, check_schema, faults
from vocabulary.chat import AnyJson, Matching, OneOf, Output, SchemaJson
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject

MAX_CHOICES = 1_000
ANY_OBJECT: JsonObject = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text` is the answer as the caller gets it; `faults` say why it is none."""

    text: str = ""
    faults: tuple[Fault, ...] = ()


class Shape(Protocol):
    """`schema` is what a model is told; `native` how it is asked of one that follows schemas."""

    @property
    def schema(self) -> JsonObject: ...

    @property
    def native(self) -> Output: ...

    def check(self) -> None:
        """Raise InvalidRequest for a shape that nothing can be judged by."""

    def judge(self, text: str) -> Verdict: ...


def shape_of(output: Output) -> Shape:
    match output:
        case AnyJson():
            return JsonShape(output, ANY_OBJECT, "response_format")
        case SchemaJson():
            return JsonShape(output, output.schema, "response_format.json_schema.schema")
        case OneOf():
            return ChoiceShape(output.choices)
        case Matching():
            return PatternShape(output.pattern)
        case _:
            assert_never(output)


# -- JSON ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class JsonShape:
    native: AnyJson | SchemaJson
    schema: JsonObject
    path: str

    def check(self) -> None:
        check_schema(self.schema, self.path, wrapped=True)

    def judge(self, text: str) -> Verdict:
        text = strip_wrapping(text)
        value, misread = _read(text)
        return Verdict(text, misread or tuple(faults(value, self.schema)))


# -- bare texts, which travel inside an object --------------------------------------------------
@dataclass(frozen=True, slots=True)
class ChoiceShape:
    choices: tuple[str, ...]

    @property
    def schema(self) -> JsonObject:
        return _boxed({"type": "string", "enum": list(self.choices)})

    @property
    def native(self) -> SchemaJson:
        return SchemaJson(name="answer", schema=self.schema, strict=True)

    def check(self) -> None:
        if not 1 <= len(self.choices) <= MAX_CHOICES:
            raise InvalidRequest("guided_choice", f"must hold 1 to {MAX_CHOICES} texts")

    def judge(self, text: str) -> Verdict:
        answer = _unboxed(text)
        if answer in self.choices:
            return Verdict(answer)
        return Verdict(answer, (Fault(path="/answer", message="is none of the choices"),))


@dataclass(frozen=True, slots=True)
class PatternShape:
    pattern: str

    @property
    def schema(self) -> JsonObject:
        return _boxed({"type": "string", "pattern": f"^(?:{self.pattern})$"})

    @property
    def native(self) -> SchemaJson:
        return SchemaJson(name="answer", schema=self.schema)

    def check(self) -> None:
        if len(self.pattern) > MAX_PATTERN:
            raise InvalidRequest("guided_regex", f"must be at most {MAX_PATTERN} characters")
        try:
            compiled(self.pattern)
        except re2.error as fault:
            message = f"is not an RE2 pattern: {fault.args[0].decode(errors='replace')}"
            raise InvalidRequest("guided_regex", message) from None
        try:  # the models that are judged by the schema, not by RE2, know a little less
            check_schema({"pattern": self.pattern})
        except InvalidRequest as fault:
            raise InvalidRequest("guided_regex", fault.message) from None

    def judge(self, text: str) -> Verdict:
        answer = _unboxed(text)
        if compiled(self.pattern).fullmatch(answer):
            return Verdict(answer)
        return Verdict(answer, (Fault(path="/answer", message=f"must match {self.pattern}"),))


def _boxed(answer: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "properties": {"answer": answer},
        "required": ["answer"],
        "additionalProperties": False,
    }


def _unboxed(text: str) -> str:
    """The text in its box, or the bare text of a model that left the box out."""
    text = strip_wrapping(text)
    value, _ = _read(text)
    match value:
        case {"answer": str(answer)} | str(answer):
            return answer
    return text


# -- reading what a model wrote -----------------------------------------------------------------
def strip_wrapping(text: str) -> str:
    """JSON without the prose or code fence that models like to put around it."""
    text = text.strip()
    if text[:1] in ("{", "[", '"') or "{" not in text:
        return text
    return text[text.index("{") : text.rfind("}") + 1] or text


def _read(text: str) -> tuple[Json, tuple[Fault, ...]]:
    try:
        return orjson.loads(text), ()
    except orjson.JSONDecodeError as fault:
        return None, (Fault(path="", message=f"is not JSON: {fault}"),)
