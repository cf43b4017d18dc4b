"""What the fake provider says when no script tells it: plausible answers to any request.

Written by hand, apart from the code under test, so that it can disagree with it.
"""

import hashlib
import itertools
import struct
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from common.schemas import faults
from providers.builtin.engine.repair import smallest_value

type Body = dict[str, Any]

CREATED = 1_750_000_000
DIMENSIONS = 16
DEFAULT_TEXT = "The order left our warehouse this morning and will arrive on Thursday."
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What the model says: text, or calls of tools as (name, arguments)."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    finish: str = "stop"


# -- deciding -----------------------------------------------------------------------------------
def decide(body: Body, default: str = DEFAULT_TEXT) -> Answer:
    """A tool call where one is forced, JSON where a schema asks for it, else the default text."""
    if not body.keys() & {"tools", "response_format"} and not _asked_in_words(body):
        return Answer(default)
    tool = _forced_tool(body)
    if tool is not None:
        arguments = compose(tool.get("parameters") or {}, body)
        return Answer(calls=((tool["name"], arguments),), finish="tool_calls")
    schema = _asked_schema(body)
    return Answer(default if schema is None else compose(schema, body))


def compose(schema: Body, body: Body) -> str:
    """JSON text that `schema` accepts; a finding with real quotes, if that is what is asked."""
    question = _read_question(body)
    if question is not None:
        return _dump(find(question))
    value = fill(schema, schema, "word")
    return _dump(smallest_value(schema) if faults(value, schema) else value)


def _forced_tool(body: Body) -> Body | None:
    choice = body.get("tool_choice")
    named = choice["function"]["name"] if isinstance(choice, dict) else None
    if named is None and choice != "required":
        return None
    tools = [tool["function"] for tool in body.get("tools", ())]
    return next((tool for tool in tools if named in (None, tool["name"])), None)


def _asked_schema(body: Body) -> Any:
    form = body.get("response_format") or {}
    match form.get("type"):
        case "json_schema":
            return form["json_schema"].get("schema", {})
        case "json_object":
            return {"type": "object"}
    return _asked_in_words(body)


def _asked_in_words(body: Body) -> Any:
    last = body["messages"][-1]
    content = last.get("content")
    if last["role"] != "system" or not isinstance(content, str) or "JSON Schema" not in content:
        return None
    return orjson.loads(content.partition("\n")[2])


# -- extractions --------------------------------------------------------------------------------
def _read_question(body: Body) -> Any:
    asked = [m["content"] for m in body["messages"] if m["role"] == "user"]
    if not asked or not isinstance(asked[0], str) or '"colloquy"' not in asked[0]:
        return None
    return orjson.loads(asked[0])


def find(question: Body) -> Body:
    """Fills the schema with words of the first message that has some, and quotes them."""
    line = next((li for li in question["transcript"] if li["text"].strip()), None)
    if line is None:
        return {"value": smallest_value(question["schema"] or {}), "evidence": []}
    quote = line["text"].strip()[:60]
    schema = question["schema"] or {"type": "string"}
    value = fill(schema, schema, quote)
    if faults(value, schema):
        value = smallest_value(schema)
    evidence = [
        {"path": path, "message": line["index"], "quote": quote, "confidence": 0.9}
        for path in leaves(value)
    ]
    return {"value": value, "evidence": evidence}


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """JSON Pointers of the scalars in `value` that are not null."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{place}")
    elif value is not None:
        yield path


def fill(schema: Body, root: Body, words: str) -> Any:
    """A value with everything in it that `schema` names."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return next((option for option in schema["enum"] if option is not None), None)
    if "$ref" in schema:
        return fill(_target(root, schema["$ref"]), root, words)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            options = [o for o in schema[keyword] if o.get("type") != "null"]
            return fill(options[0], root, words) if options else None
    return _fill_type(schema, root, words)


def _fill_type(schema: Body, root: Body, words: str) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = kinds if isinstance(kinds, str) else next(k for k in kinds if k != "null")
    match kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: fill(inner, root, words) for name, inner in properties.items()}
        case "array":
            return [fill(schema.get("items", {}), root, words)]
        case "string":
            return words[: schema.get("maxLength", len(words))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return None


def _target(root: Body, reference: str) -> Body:
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found[step]
    return found


# -- spelling -----------------------------------------------------------------------------------
def spell_chat(answer: Answer, body: Body) -> bytes:
    """The reply to a request that wants it whole, as bytes."""
    message: Body = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.calls:
        message["tool_calls"] = [_call(place, call) for place, call in enumerate(answer.calls)]
    choices = [
        {"index": i, "message": message, "logprobs": None, "finish_reason": answer.finish}
        for i in range(body.get("n") or 1)
    ]
    frame = _frame("chat.completion", body)
    return orjson.dumps(frame | {"choices": choices, "usage": _usage(answer, body)})


def spell_chunks(answer: Answer, body: Body, pieces: int) -> Iterator[bytes]:
    """The same in server-sent events, the text in up to `pieces`; `[DONE]` comes last."""
    frame = _frame("chat.completion.chunk", body)
    deltas: list[Body] = [{"role": "assistant", "content": ""}, *_text_deltas(answer, pieces)]
    for place, call in enumerate(answer.calls):
        deltas.append({"tool_calls": [{"index": place} | _call(place, call)]})
    for index in range(body.get("n") or 1):
        for delta in deltas:
            yield _event(frame, index, delta, None)
        yield _event(frame, index, {}, answer.finish)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _spell_event(frame | {"choices": [], "usage": _usage(answer, body)})
    yield b"data: [DONE]\n\n"


def spell_embeddings(body: Body) -> bytes:
    inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
    dimensions = body.get("dimensions") or DIMENSIONS
    vectors = [embed(text, dimensions) for text in inputs]
    spell = _base64 if body.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": i, "embedding": spell(vector)}
        for i, vector in enumerate(vectors)
    ]
    tokens = sum(len(str(text)) // 4 + 1 for text in inputs)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps({"object": "list", "model": body["model"], "data": data, "usage": usage})


def embed(text: object, dimensions: int) -> list[float]:
    """A vector that only equal texts share; each number has an exact float32."""
    noise = hashlib.shake_128(str(text).encode()).digest(dimensions)
    return [(byte - 128) / 128 for byte in noise]


def _text_deltas(answer: Answer, pieces: int) -> list[Body]:
    size = -(-len(answer.text) // pieces) or 1
    return [{"content": answer.text[i : i + size]} for i in range(0, len(answer.text), size)]


def _call(place: int, call: tuple[str, str]) -> Body:
    name, arguments = call
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_{next(_numbers)}_{place}", "type": "function", "function": function}


def _frame(kind: str, body: Body) -> Body:
    number = next(_numbers)
    return {"id": f"chatcmpl-{number}", "object": kind, "created": CREATED, "model": body["model"]}


def _usage(answer: Answer, body: Body) -> Body:
    said = answer.text + "".join(arguments for _, arguments in answer.calls)
    asked = sum(len(str(message.get("content") or "")) for message in body["messages"])
    prompt, completion = asked // 4 + 1, len(said) // 4 + 1
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _event(frame: Body, index: int, delta: Body, finish: str | None) -> bytes:
    return _spell_event(
        frame | {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}
    )


def _spell_event(chunk: Body) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(chunk)


def _base64(vector: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()
