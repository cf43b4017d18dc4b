"""Chat completions: OpenAI's format (`wire.openai_chat`) and what Telnyx adds to it.

`guided_json`, `guided_regex` and `guided_choice` are the shape of the answer; a tool of type
`retrieval` is one that we run ourselves. Beam search and regions travel in `extras["telnyx"]`; an
upstream that lacks them answers without, and so does `api_key_ref`: upstream keys belong to the
organisation's accounts here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from common.schemas import check_schema
from vocabulary.chat import ChatRequest, Matching, OneOf, Output, SchemaJson, ServerTool
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire import fields
from wire.openai_chat import parse_request
from wire.openai_shapes import CHAT_FIELDS
from wire.shapes import FLAG, NUMBER, OBJECT, TEXT, array, nullable, record, said, whole, word

DEFAULT_MODEL: Final = "meta-llama/Meta-Llama-3.1-8B-Instruct"
RETRIEVAL: Final = "retrieval"
_REGIONS: Final = {name: name for name in ("USA", "EU", "AUS", "UAE")}
_MODES: Final = {name: name for name in ("preferred", "strict")}
_SHAPES: Final = ("guided_json", "guided_regex", "guided_choice")
_KNOBS: Final[Mapping[str, Callable[[JsonObject, str, str], Json]]] = {
    "use_beam_search": fields.find_flag,
    "early_stopping": fields.find_flag,
    "best_of": lambda body, key, at: fields.find_whole(body, key, at, least=1, most=128),
    "length_penalty": lambda body, key, at: fields.find_number(body, key, at, least=-100),
    "region": lambda body, key, at: fields.find_choice(body, key, at, _REGIONS),
    "mode": lambda body, key, at: fields.find_choice(body, key, at, _MODES),
    "api_key_ref": fields.find_text,
}

_OWN_SHAPES: Final = {
    "guided_json": said(OBJECT, "A JSON Schema that the answer follows."),
    "guided_regex": said(TEXT, "A pattern (RE2) that the answer matches."),
    "guided_choice": said(array(TEXT), "The answer is one of these."),
    "use_beam_search": FLAG,
    "early_stopping": FLAG,
    "best_of": whole(1, 128),
    "length_penalty": NUMBER,
    "region": word(*_REGIONS),
    "mode": said(word(*_MODES), "`strict` with a region is refused."),
    "api_key_ref": said(TEXT, "Taken and not used: upstream keys belong to the organisation."),
}
CHAT: Final = record(
    "ChatRequest",
    {**CHAT_FIELDS, **{name: nullable(shape) for name, shape in _OWN_SHAPES.items()}},
    required=["messages"],
)


def parse_chat(
    body: JsonObject, *, default_model: str = DEFAULT_MODEL, server_tools: Collection[str] = ()
) -> ChatRequest:
    """Raises InvalidRequest. `server_tools` are the tool types that this server can run."""
    _refuse_strict_region(body)
    guided = _parse_guided(body)
    knobs = {key: find(body, key, "") for key, find in _KNOBS.items()}
    given = {key: value for key, value in knobs.items() if value is not None}
    request = parse_request(
        {**body, "model": default_model if body.get("model") is None else body["model"]},
        server_tools=server_tools,
    )
    _check_retrieval(request)
    return replace(
        request,
        output=guided or request.output,
        extras={**request.extras, "telnyx": given} if given else request.extras,
    )


def _refuse_strict_region(body: JsonObject) -> None:
    if body.get("region") is not None and body.get("mode") == "strict":
        raise InvalidRequest("region", "this server cannot promise where a model runs")


# -- the shape of the answer --------------------------------------------------------------------
def _parse_guided(body: JsonObject) -> Output | None:
    asked = [key for key in (*_SHAPES, "response_format") if _is_shape(key, body.get(key))]
    if len(asked) > 1:
        raise InvalidRequest(asked[0], f"cannot be combined with {asked[1]}")
    match asked:
        case ["guided_json"]:
            return _parse_guided_json(body)
        case ["guided_regex"]:
            return Matching(pattern=fields.get_text(body, "guided_regex", ""))
        case ["guided_choice"]:
            return OneOf(choices=_parse_choices(body))
    return None


def _is_shape(key: str, value: Json) -> bool:
    """Plain text is no shape: SDK users leave it in."""
    return value is not None and not (key == "response_format" and value == {"type": "text"})


def _parse_guided_json(body: JsonObject) -> SchemaJson:
    schema = fields.get_object(body, "guided_json", "")
    check_schema(schema, "guided_json")
    return SchemaJson(name="guided_json", schema=schema)


def _parse_choices(body: JsonObject) -> tuple[str, ...]:
    choices = fields.get_list(body, "guided_choice", "")
    return tuple(fields.as_text(c, f"guided_choice[{i}]") for i, c in enumerate(choices))


# -- tools --------------------------------------------------------------------------------------
def _check_retrieval(request: ChatRequest) -> None:
    for i, tool in enumerate(request.tools):
        if isinstance(tool, ServerTool) and tool.name == RETRIEVAL:
            at = f"tools[{i}].{RETRIEVAL}"
            for j, bucket in enumerate(fields.get_list(tool.options, "bucket_ids", at)):
                fields.as_text(bucket, f"{at}.bucket_ids[{j}]")
            fields.find_whole(tool.options, "max_num_results", at, least=1, most=100)
