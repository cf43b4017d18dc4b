"""The shapes of the OpenAI formats: what `parse_request` takes and `render_response` gives.

`CHAT_FIELDS` are a chat request's fields one by one, for surfaces that add some of their own.
"""

from collections.abc import Mapping
from typing import Final, get_args

from vocabulary.chat import Finish
from wire.openai_chat_request import KEPT, MAX_METADATA, MAX_STOPS
from wire.openai_embeddings import MAX_INPUTS, SPELLINGS
from wire.openai_messages import ROLES
from wire.openai_parts import DETAILS
from wire.openai_tools import MAX_TOOLS
from wire.shapes import (
    ANYTHING,
    FLAG,
    NUMBER,
    OBJECT,
    TEXT,
    WHOLE,
    Shape,
    array,
    either,
    mapping,
    nullable,
    number,
    record,
    said,
    whole,
    word,
)

# -- messages -----------------------------------------------------------------------------------
TOOL_CALL: Final = record(
    "ToolCall",
    {
        "id": TEXT,
        "type": word("function"),
        "function": record(
            "CalledFunction", {"name": TEXT, "arguments": said(TEXT, "JSON as text.")}
        ),
    },
)
_IMAGE: Final = record(
    "ImageUrl",
    {"url": said(TEXT, "An address or a data URL."), "detail": word(*DETAILS)},
    required=["url"],
)
_AUDIO: Final = record("InputAudio", {"data": said(TEXT, "Base64."), "format": TEXT})
_FILE: Final = record("File", {"file_id": TEXT, "file_data": TEXT, "filename": TEXT}, required=[])
PART: Final = record(
    "ContentPart",
    {
        "type": word("text", "image_url", "video_url", "input_audio", "file", "refusal"),
        "text": TEXT,
        "refusal": TEXT,
        "image_url": either(_IMAGE, TEXT),
        "video_url": either(record("VideoUrl", {"url": TEXT}), TEXT),
        "input_audio": _AUDIO,
        "file": _FILE,
    },
    required=["type"],
    about="The field that `type` names holds the content.",
)
MESSAGE: Final = record(
    "ChatMessage",
    {
        "role": word(*ROLES),
        "content": nullable(either(TEXT, array(either(PART, TEXT)))),
        "name": nullable(TEXT),
        "tool_calls": nullable(array(TOOL_CALL)),
        "tool_call_id": nullable(TEXT),
        "refusal": nullable(TEXT),
        "reasoning_content": nullable(TEXT),
    },
    required=["role"],
)

# -- tools and the shape of the answer ----------------------------------------------------------
_FUNCTION: Final = record(
    "Function",
    {
        "name": TEXT,
        "description": nullable(TEXT),
        "parameters": said(nullable(OBJECT), "A JSON Schema."),
        "strict": nullable(FLAG),
    },
    required=["name"],
)
TOOL: Final = record("Tool", {"type": TEXT, "function": _FUNCTION}, required=["type"])
_NAMED: Final = record(
    "NamedTool", {"type": word("function"), "function": record("ToolName", {"name": TEXT})}
)
_SCHEMA: Final = record(
    "AnswerSchema",
    {
        "name": TEXT,
        "schema": nullable(OBJECT),
        "description": nullable(TEXT),
        "strict": nullable(FLAG),
    },
    required=["name"],
)
OUTPUT: Final = record(
    "ResponseFormat",
    {"type": word("text", "json_object", "json_schema"), "json_schema": _SCHEMA},
    required=["type"],
)

# -- chat, asked --------------------------------------------------------------------------------
_OPTIONAL: Final[Mapping[str, Shape]] = {
    "stream": FLAG,
    "stream_options": record("StreamOptions", {"include_usage": nullable(FLAG)}, required=[]),
    "tools": array(TOOL, most=MAX_TOOLS),
    "tool_choice": either(word("none", "auto", "required"), _NAMED),
    "parallel_tool_calls": FLAG,
    "response_format": OUTPUT,
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "min_p": number(0, 1),
    "max_completion_tokens": whole(1),
    "max_tokens": said(whole(1), "The older name of `max_completion_tokens`."),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "seed": WHOLE,
    "n": whole(1, 128),
    "logprobs": FLAG,
    "top_logprobs": whole(0, 20),
    "logit_bias": mapping(NUMBER),
    "reasoning_effort": TEXT,
    "stop": either(TEXT, array(TEXT, most=MAX_STOPS)),
    "user": TEXT,
    "metadata": {**mapping(TEXT), "maxProperties": MAX_METADATA},
    **{name: said(ANYTHING, "Handed on to the upstream as it is.") for name in KEPT},
}
CHAT_FIELDS: Final[Mapping[str, Shape]] = {
    "model": said(TEXT, "`provider/model`, or the model alone where only one provider has it."),
    "messages": array(MESSAGE, least=1),
    **{name: nullable(shape) for name, shape in _OPTIONAL.items()},
}
CHAT: Final = record("ChatRequest", CHAT_FIELDS, required=["model", "messages"])

# -- chat, answered -----------------------------------------------------------------------------
USAGE: Final = record(
    "Usage",
    {
        "prompt_tokens": WHOLE,
        "completion_tokens": WHOLE,
        "total_tokens": WHOLE,
        "prompt_tokens_details": mapping(WHOLE),
        "completion_tokens_details": mapping(WHOLE),
    },
)
_FINISH: Final = word(*get_args(Finish.__value__))
_TOKEN_FIELDS: Final[Mapping[str, Shape]] = {
    "token": TEXT,
    "logprob": NUMBER,
    "bytes": array(WHOLE),
}
_LOGPROBS: Final = record(
    "Logprobs",
    {
        "content": array(
            record(
                "TokenLogprob",
                {**_TOKEN_FIELDS, "top_logprobs": array(record("TopLogprob", _TOKEN_FIELDS))},
            )
        ),
        "refusal": nullable(TEXT),
    },
)
_ANSWER: Final = record(
    "ChatAnswer",
    {
        "role": word("assistant"),
        "content": nullable(TEXT),
        "refusal": nullable(TEXT),
        "reasoning_content": TEXT,
        "tool_calls": array(TOOL_CALL),
    },
    required=["role", "content", "refusal"],
)
_FRAME: Final[Mapping[str, Shape]] = {
    "id": TEXT,
    "created": said(WHOLE, "Unix seconds."),
    "model": TEXT,
    "system_fingerprint": nullable(TEXT),
    "service_tier": nullable(TEXT),
}
COMPLETION: Final = record(
    "ChatCompletion",
    {
        **_FRAME,
        "object": word("chat.completion"),
        "choices": array(
            record(
                "ChatChoice",
                {
                    "index": WHOLE,
                    "message": _ANSWER,
                    "logprobs": nullable(_LOGPROBS),
                    "finish_reason": _FINISH,
                },
            )
        ),
        "usage": USAGE,
    },
    required=["id", "object", "created", "model", "choices"],
)
_DELTA: Final = record(
    "ChatDelta",
    {
        "role": word("assistant"),
        "content": nullable(TEXT),
        "refusal": nullable(TEXT),
        "reasoning_content": TEXT,
        "tool_calls": array(
            record(
                "ToolCallDelta",
                {"index": WHOLE, "id": TEXT, "type": word("function"), "function": OBJECT},
                required=["index"],
            )
        ),
    },
    required=[],
)
CHUNK: Final = record(
    "ChatChunk",
    {
        **_FRAME,
        "object": word("chat.completion.chunk"),
        "choices": array(
            record(
                "ChunkChoice",
                {
                    "index": WHOLE,
                    "delta": _DELTA,
                    "logprobs": nullable(_LOGPROBS),
                    "finish_reason": nullable(_FINISH),
                },
                required=["index", "delta", "finish_reason"],
            )
        ),
        "usage": nullable(USAGE),
    },
    required=["id", "object", "created", "model", "choices"],
    about="The data of one server-sent event. The last event's data is `[DONE]`.",
)

# -- embeddings ---------------------------------------------------------------------------------
_TOKENS: Final = array(WHOLE, least=1)
EMBEDDING_REQUEST: Final = record(
    "EmbeddingRequest",
    {
        "model": TEXT,
        "input": either(TEXT, _TOKENS, array(either(TEXT, _TOKENS), least=1, most=MAX_INPUTS)),
        "dimensions": nullable(whole(1)),
        "encoding_format": nullable(word(*SPELLINGS)),
        "user": nullable(TEXT),
    },
    required=["model", "input"],
)
EMBEDDINGS: Final = record(
    "Embeddings",
    {
        "object": word("list"),
        "model": TEXT,
        "data": array(
            record(
                "Embedding",
                {
                    "object": word("embedding"),
                    "index": WHOLE,
                    "embedding": either(
                        array(NUMBER), said(TEXT, "Base64 of little-endian float32.")
                    ),
                },
            )
        ),
        "usage": record("EmbeddingUsage", {"prompt_tokens": WHOLE, "total_tokens": WHOLE}),
    },
)
