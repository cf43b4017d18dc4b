"""Chats as the OpenAI wire can carry them, for property tests."""

from hypothesis import strategies as st

from vocabulary.chat import (
    AnyJson,
    Audio,
    ChatRequest,
    ChatResponse,
    Choice,
    Document,
    FunctionTool,
    Image,
    Inline,
    Message,
    NamedTool,
    Reasoning,
    Refusal,
    Sampling,
    SchemaJson,
    ServerTool,
    Stored,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Url,
    Usage,
    Video,
)

words = st.text(max_size=20)
some_words = st.text(min_size=1, max_size=20)
maybe = lambda strategy: st.none() | strategy  # noqa: E731
base64 = st.sampled_from(["", "AAAA", "aGVsbG8="])
inlines = st.builds(Inline, data=base64, media_type=st.sampled_from(["image/png", "a/b", ""]))
urls = st.builds(Url, url=st.sampled_from(["https://example.com/a.png", "http://x/,b", "data:x"]))
json_objects = st.dictionaries(
    words, st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | words, max_size=3
)

texts = st.builds(Text, text=words)
images = st.builds(
    Image,
    at=inlines | urls,
    detail=st.sampled_from([None, "auto", "low", "high", "original"]),
)
audios = st.sampled_from([("wav", "audio/wav"), ("mp3", "audio/mpeg"), ("pcm16", "audio/pcm")]).map(
    lambda form: Audio(at=Inline(data="AAAA", media_type=form[1]), format=form[0])
)
documents = st.builds(
    Document, at=inlines | st.builds(Stored, file_id=words), filename=maybe(words)
)
videos = st.builds(Video, at=inlines | urls)
refusals = st.builds(Refusal, text=some_words)
calls = st.builds(ToolCall, id=some_words, name=some_words, arguments=words)


@st.composite
def answers(draw, content):
    """The parts of an assistant's message in the order of the wire."""
    reasoning = draw(st.lists(st.builds(Reasoning, text=some_words), max_size=1))
    said = draw(content)
    said = [] if said == [Text(text="")] else said
    refusal = draw(st.lists(refusals, max_size=1))
    return (*reasoning, *said, *refusal, *draw(st.lists(calls, max_size=2)))


def messages_of(role, parts):
    return st.builds(Message, role=st.just(role), parts=parts, name=maybe(words))


results = st.builds(ToolResult, call_id=some_words, text=words)
messages = st.one_of(
    messages_of("system", st.lists(texts, max_size=2).map(tuple)),
    messages_of("developer", texts.map(lambda part: (part,))),
    messages_of(
        "user", st.lists(texts | images | audios | documents | videos, max_size=3).map(tuple)
    ),
    messages_of("assistant", answers(st.lists(texts, max_size=2))),
    messages_of("tool", results.map(lambda part: (part,))),
)

knobs = st.floats(0, 1, allow_nan=False)
samplings = st.builds(
    Sampling,
    temperature=maybe(knobs),
    top_p=maybe(knobs),
    min_p=maybe(knobs),
    max_tokens=maybe(st.integers(1, 10_000)),
    frequency_penalty=maybe(knobs),
    presence_penalty=maybe(knobs),
    seed=maybe(st.integers(-5, 5)),
    n=st.integers(1, 4),
    logprobs=st.booleans(),
    top_logprobs=maybe(st.integers(0, 20)),
    logit_bias=maybe(st.dictionaries(words, st.integers(-100, 100), max_size=2)),
    reasoning_effort=maybe(words),
    parallel_tool_calls=maybe(st.booleans()),
)
tools = st.builds(
    FunctionTool,
    name=words,
    description=maybe(words),
    parameters=maybe(json_objects),
    strict=maybe(st.booleans()),
)
outputs = st.just(AnyJson()) | st.builds(
    SchemaJson,
    name=words,
    schema=json_objects,
    description=maybe(words),
    strict=maybe(st.booleans()),
)
requests = st.builds(
    ChatRequest,
    model=words,
    messages=st.lists(messages, min_size=1, max_size=4).map(tuple),
    tools=st.lists(tools, max_size=2).map(tuple),
    tool_choice=st.sampled_from([None, "none", "auto", "required", NamedTool(name="f")]),
    sampling=samplings,
    output=maybe(outputs),
    stop=st.lists(words, max_size=4).map(tuple),
    user=maybe(words),
    metadata=st.dictionaries(words, words, max_size=3),
    extras=st.sampled_from([{}, {"openai": {"service_tier": "flex", "verbosity": "low"}}]),
)

logprobs = st.lists(
    st.builds(
        TokenLogprob,
        token=words,
        logprob=st.floats(-9, 0),
        top=st.lists(st.tuples(words, st.floats(-9, 0)), max_size=2).map(tuple),
    ),
    max_size=2,
).map(tuple)
counts = st.integers(0, 1000)
usages = st.builds(
    Usage,
    prompt_tokens=counts,
    completion_tokens=counts,
    cached_tokens=counts,
    cache_write_tokens=counts,
    reasoning_tokens=counts,
    audio_tokens=counts,
)


@st.composite
def choices(draw, index):
    parts = draw(answers(st.lists(st.builds(Text, text=some_words), max_size=1)))
    spoken = any(isinstance(part, Text) for part in parts)
    return Choice(
        index=index,
        message=Message(role="assistant", parts=parts),
        finish=draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter"])),
        logprobs=draw(logprobs) if spoken else (),
    )


@st.composite
def responses(draw):
    count = draw(st.integers(1, 3))
    return ChatResponse(
        id=draw(words),
        model=draw(words),
        created=draw(counts),
        choices=tuple(draw(choices(index)) for index in range(count)),
        usage=draw(maybe(usages)),
        extras=draw(st.sampled_from([{}, {"openai": {"system_fingerprint": "fp_1"}}])),
    )


server_tools = st.builds(ServerTool, name=st.just("retrieval"), options=json_objects)
