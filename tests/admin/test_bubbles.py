"""A transcript's text, cut at its quotes."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from conversations import parts
from conversations.bubbles import LONGEST_PIECE, Segment, Span, cut, read_bubbles
from conversations.models import Message
from insights.panels import label, spell
from vocabulary import chat

TEXT = st.text(max_size=30)


def row(*said: chat.Part) -> Message:
    whole = chat.Message(role="user", parts=said)
    return Message(
        seq=1,
        role="user",
        parts=[parts.dump(part) for part in said],
        text=whole.text,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def pieces(message: Message, *spans: Span):
    [bubble] = read_bubbles([message], {str(message.pk): spans})
    return bubble.pieces


def marked(segments: tuple[Segment, ...], key: str) -> str:
    return "".join(segment.text for segment in segments if key in segment.keys)


@given(TEXT, st.lists(st.tuples(st.integers(0, 35), st.integers(0, 35))))
def test_cutting_loses_no_character_and_marks_exactly_the_quotes(text, ranges):
    spans = [Span(start, end, str(i)) for i, (start, end) in enumerate(ranges)]
    segments = cut(text, spans)
    assert "".join(segment.text for segment in segments) == text
    for span in spans:
        assert marked(segments, span.key) == text[span.start : span.end]


def test_overlapping_quotes_are_told_apart():
    segments = cut("abcdef", [Span(0, 4, "1"), Span(2, 6, "2")])
    assert segments == (
        Segment("ab", ("1",), ("1",)),
        Segment("cd", ("1", "2"), ("2",)),
        Segment("ef", ("2",), ()),
    )


def test_a_quote_in_a_later_part_is_marked_there():
    """The message's text is that of its parts, joined; pictures and calls have none."""
    message = row(
        chat.Text(text="one "),
        chat.Image(at=chat.Url(url="https://example.com/a.png")),
        chat.Text(text="two three"),
    )
    first, _, last = pieces(message, Span(8, 13, "k"))
    assert marked(first.segments, "k") == ""
    assert marked(last.segments, "k") == "three" == message.text[8:13]


def test_a_result_is_called_by_its_tools_name():
    call = row(chat.ToolCall(id="c1", name="find_order", arguments="{"))
    result = row(chat.ToolResult(call_id="c1", text="lost"))
    bubbles = read_bubbles([call, result], {})
    assert [bubble.pieces[0].title for bubble in bubbles] == ["find_order", "find_order"]


def test_only_web_addresses_are_followed():
    message = row(
        chat.Image(at=chat.Url(url="javascript:alert(1)")),
        chat.Image(at=chat.Url(url="HTTPS://example.com/a.png")),
        chat.Document(at=chat.Inline(data="AAAA", media_type="application/pdf"), filename="a.pdf"),
        chat.Audio(at=chat.Stored(file_id="f1"), format="wav"),
    )
    script, image, document, audio = pieces(message)
    assert script.href == "" and image.href == "HTTPS://example.com/a.png"
    assert "a.pdf" in document.title and "application/pdf" in document.title
    assert "f1" in audio.title


def test_a_very_long_text_is_shown_up_to_a_bound():
    [piece] = pieces(row(chat.Text(text="x" * (LONGEST_PIECE + 7))))
    assert piece.hidden == 7
    assert sum(len(segment.text) for segment in piece.segments) == LONGEST_PIECE


def test_pointers_and_values_are_spelled_for_people():
    assert label("/next_steps/0/owner") == "Next steps 1, Owner"
    assert label("/a~1b") == "A/b"
    assert label("") == ""
    assert [spell(v) for v in (True, False, None, [], "x", 4.5)] == [
        "Yes",
        "No",
        "",
        "",
        "x",
        "4.5",
    ]
