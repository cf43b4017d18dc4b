"""Lists against a model that looks at everything at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfaces.s3.translate import listings
from surfaces.s3.translate.listings import Wanted, gather, parse_wanted, render_listing
from surfaces.s3.translate.requests import parse_query
from surfaces.s3.translate.xml import spell
from vocabulary.errors import InvalidRequest

ALPHABET = "ab/\U0010ffff"
KEYS = st.sets(st.text(ALPHABET, min_size=1, max_size=6), max_size=40)


@dataclass(frozen=True)
class Row:
    path: str


class Store:
    """Rows as the database finds them; counts how many it gave."""

    def __init__(self, keys: set[str], prefix: str) -> None:
        self.paths = sorted(key for key in keys if key.startswith(prefix))
        self.asked = 0

    def find(self, after: str, most: int) -> Sequence[Any]:
        self.asked += 1
        return [Row(path) for path in self.paths if path > after][:most]


def _model(keys: set[str], wanted: Wanted) -> list[str]:
    """All entries in order, groups once."""
    found = []
    for key in sorted(key for key in keys if key.startswith(wanted.prefix)):
        rest = key[len(wanted.prefix) :]
        head, cut, _ = rest.partition(wanted.delimiter) if wanted.delimiter else (rest, "", "")
        entry = wanted.prefix + head + cut if cut else key
        if entry not in found:
            found.append(entry)
    return found


def _page(store: Store, wanted: Wanted) -> tuple[list[str], str, bool]:
    listing = gather(wanted, store.find)
    entries = sorted([*listing.groups, *(row.path for row in listing.rows)])
    assert listing.count == len(entries) <= wanted.most
    return entries, listing.last, listing.is_cut


@given(
    keys=KEYS,
    prefix=st.text(ALPHABET, max_size=2),
    delimiter=st.sampled_from(["", "/", "a", "//", "b/"]),
    most=st.integers(1, 7),
    step=st.integers(1, 5),
)
@settings(max_examples=400, deadline=None)
def test_page_by_page_is_exactly_what_is_there(
    keys: set[str], prefix: str, delimiter: str, most: int, step: int
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listings, "STEP", step)
        store, found, after = Store(keys, prefix), list[str](), ""
        for turn in count():
            wanted = Wanted(style=2, prefix=prefix, delimiter=delimiter, after=after, most=most)
            entries, after, is_cut = _page(store, wanted)
            found += entries
            if not is_cut:
                break
            assert len(entries) == most and turn < 50
    assert found == _model(keys, Wanted(style=2, prefix=prefix, delimiter=delimiter))


@given(keys=KEYS, after=st.text(ALPHABET, max_size=4), delimiter=st.sampled_from(["", "/"]))
@settings(max_examples=200, deadline=None)
def test_a_list_may_begin_behind_any_text(keys: set[str], after: str, delimiter: str):
    """A group is shown if one of its keys stands behind; it is passed over if it is named."""
    wanted = Wanted(style=2, delimiter=delimiter, after=after)
    is_group = delimiter and after.endswith(delimiter) and after.count(delimiter) == 1
    left = {k for k in keys if k > after and not (is_group and k.startswith(after))}
    assert _page(Store(keys, ""), wanted)[0] == _model(left, wanted)


def test_a_large_group_is_passed_over_at_once():
    keys = {f"{group}/{n:04}" for group in "abc" for n in range(3000)}
    store = Store(keys, "")
    assert _page(store, Wanted(style=2, delimiter="/"))[0] == ["a/", "b/", "c/"]
    assert store.asked == 4


def test_nothing_is_asked_for():
    store = Store({"a"}, "")
    assert _page(store, Wanted(style=2, most=0)) == ([], "", False)
    assert store.asked == 0


# -- in and out ---------------------------------------------------------------------------------
def test_both_styles_are_parsed():
    older = parse_wanted(parse_query("prefix=a%20b&marker=x&max-keys=5000&encoding-type=url"))
    assert older == Wanted(style=1, prefix="a b", after="x", most=1000, encoded=True)
    newer = parse_wanted(parse_query("list-type=2&start-after=s&delimiter=/&max-keys=7"))
    assert newer == Wanted(style=2, delimiter="/", after="s", most=7)
    page = gather(Wanted(style=2, most=1), Store({"a\u00e4/?", "b"}, "").find)
    cast(Any, page).rows = []
    text = spell(render_listing("box", Wanted(style=2), page)).decode()
    token = text.partition("<NextContinuationToken>")[2].partition("<")[0]
    again = {"list-type": "2", "continuation-token": token, "start-after": "z"}
    assert parse_wanted(again).after == "a\u00e4/?"


@pytest.mark.parametrize(
    "query",
    [
        "encoding-type=base64",
        "max-keys=-1",
        "max-keys=x",
        "max-keys=%D9%A1",
        "list-type=2&continuation-token=%C3%A9",
        "list-type=2&continuation-token=x",
        "list-type=2&continuation-token=/w==",
        "list-type=2&continuation-token=AA==",
        "prefix=%00",
        "marker=a%00",
        "%00=x",
    ],
)
def test_what_makes_no_sense_is_refused(query: str):
    with pytest.raises(InvalidRequest):
        parse_wanted(parse_query(query))
