"""Query strings: every spelling that SDKs and docs use, and bounds that hold."""

import pytest

from surfaces.telnyx.translate.queries import (
    InvalidQuery,
    find_integer,
    find_list,
    find_members,
    find_text,
)


@pytest.mark.parametrize(
    "query",
    [
        {"status": ["queued,success"]},
        {"status": ["queued", "success"]},
        {"status[]": ["queued", "success"]},
        {"status": ["queued,", "success"]},
    ],
)
def test_a_list_may_be_joined_or_repeated_or_both(query: dict[str, list[str]]):
    assert find_list(query, "status") == ["queued", "success"]


def test_an_empty_list_is_an_absent_one():
    assert find_list({"status": [""]}, "status") == []
    assert find_text({"name": [""]}, "name") is None


def test_nested_names_come_with_brackets_or_dots():
    for key in ("page[size]", "page.size"):
        assert find_integer({key: ["7"]}, "page[size]", default=1, low=1, high=9) == 7
    assert find_members(
        {"metadata[a]": ["1"], "metadata.b": ["2"], "metadata": ["x"]}, "metadata"
    ) == {
        "a": "1",
        "b": "2",
    }


@pytest.mark.parametrize("text", ["x", "1.5", "-", "٣", "1e3", "0", "-1", "10", "9" * 5000])
def test_a_number_out_of_bounds_is_the_parameters_fault(text: str):
    with pytest.raises(InvalidQuery) as caught:
        find_integer({"page[size]": [text]}, "page[size]", default=1, low=1, high=9)
    assert caught.value.path == "page[size]"
