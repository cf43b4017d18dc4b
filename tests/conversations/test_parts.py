"""Every part that a surface can say is kept as it came."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import parts
from vocabulary.chat import (
    Audio,
    Document,
    Image,
    Inline,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
    Url,
    Video,
)

words = st.text(max_size=30)
maybe = st.none() | words
location = st.one_of(
    st.builds(Url, url=words),
    st.builds(Inline, data=words, media_type=words),
    st.builds(Stored, file_id=words),
)
part = st.one_of(
    st.builds(Text, text=words),
    st.builds(Image, at=location, detail=st.sampled_from([None, "auto", "low", "high"])),
    st.builds(Audio, at=location, format=maybe),
    st.builds(Video, at=location),
    st.builds(Document, at=location, filename=maybe),
    st.builds(ToolCall, id=words, name=words, arguments=words),
    st.builds(ToolResult, call_id=words, text=words),
    st.builds(Reasoning, text=words, signature=maybe),
    st.builds(Refusal, text=words),
)


@given(part)
def test_a_part_is_the_same_after_it_was_json(said):
    assert parts.load(json.loads(json.dumps(parts.dump(said)))) == said


def test_what_we_did_not_write_is_not_guessed_at():
    with pytest.raises(KeyError):
        parts.load({"type": "hologram"})
    with pytest.raises(TypeError):
        parts.load({"type": "text", "text": "a", "colour": "red"})
