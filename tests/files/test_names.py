"""Names that are taken and names that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.names import check_bucket_name, check_path, settle_content_type
from vocabulary.errors import InvalidRequest


@pytest.mark.parametrize("name", ["abc", "a-b", "my.papers", "2024", "a" * 63, "x1.y2-z3"])
def test_a_bucket_may_be_called_so(name: str):
    check_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab", "a" * 64, "Abc", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", ".ab", "192.168.0.1",
        "ä" * 4, "a/b", "abc\n", "",
    ],
)  # fmt: skip
def test_a_bucket_may_not_be_called_so(name: str):
    with pytest.raises(InvalidRequest) as refused:
        check_bucket_name(name)
    assert refused.value.path == "bucket"


@pytest.mark.parametrize(
    "path", ["a", "a/b.txt", "Ä ö/ü", "..a/b..", "a" * 1024, "a b+c%20", "\U0001f600"]
)
def test_an_object_may_be_there(path: str):
    check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/.",
        "a\x00b",
        "a\nb",
        "a\x7fb",
        "ä" * 513,
        "\ud800",
    ],
)
def test_an_object_may_not_be_there(path: str):
    with pytest.raises(InvalidRequest) as refused:
        check_path(path)
    assert refused.value.path == "path"


@given(st.text(max_size=40))
def test_a_path_that_is_taken_leads_nowhere_else(path: str):
    try:
        check_path(path)
    except InvalidRequest as refused:
        assert refused.message.isprintable() or path
        return
    steps = path.split("/")
    assert not {"", ".", ".."} & set(steps)
    assert "\x00" not in path
    assert 1 <= len(path.encode()) <= 1024


def test_a_type_is_what_was_said_or_what_the_ending_says():
    assert settle_content_type("audio/ogg; codecs=opus", "a.txt") == "audio/ogg; codecs=opus"
    assert settle_content_type("", "a/b.pdf") == "application/pdf"
    assert settle_content_type("", "b") == "application/octet-stream"
    for bad in ("a\r\nb", "x" * 201, "ä/ö"):
        with pytest.raises(InvalidRequest):
            settle_content_type(bad, "a")
