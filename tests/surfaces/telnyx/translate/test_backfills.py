"""Which past conversations, and for how much."""

from decimal import Decimal
from typing import Any

import pytest

from surfaces.telnyx.translate.backfills import name_fault, parse_filter, parse_money
from vocabulary.errors import InvalidRequest

RANGE = {"created_at": ["gte.2025-01-01", "lt.2025-02-01"], "metadata->a": ["eq.b c"]}


@pytest.mark.parametrize(
    "spelled",
    [
        RANGE,
        "created_at=gte.2025-01-01&created_at=lt.2025-02-01&metadata-%3Ea=eq.b+c",
    ],
)
def test_a_filter_is_an_object_or_a_query_string(spelled: Any):
    assert parse_filter(spelled) == RANGE


def test_one_value_needs_no_list_and_no_filter_means_all():
    assert parse_filter({"name": "eq.x"}) == {"name": ["eq.x"]}
    assert parse_filter(None) == parse_filter({}) == {}


@pytest.mark.parametrize(
    ("spelled", "path"),
    [
        ("everything", "filter"),
        (7, "filter"),
        (["a"], "filter"),
        ({"name": 7}, "filter.name"),
        ({"name": ["eq.x", 7]}, "filter.name[1]"),
    ],
)
def test_another_filter_is_refused_and_never_taken_for_all(spelled: Any, path: str):
    with pytest.raises(InvalidRequest) as caught:
        parse_filter(spelled)
    assert caught.value.path == path


def test_a_fault_inside_the_filter_is_named_by_its_place_in_the_body():
    named = name_fault(InvalidRequest("created_at", "no"), RANGE)
    assert named.path == "filter.created_at"
    assert name_fault(InvalidRequest("sample", "no"), RANGE).path == "sample"


@pytest.mark.parametrize("spelled", ["1.50", 1.5, 1])
def test_money_is_a_number_or_text(spelled: Any):
    assert parse_money(spelled, "max_cost") == Decimal(str(spelled))


@pytest.mark.parametrize("spelled", ["", "x", "NaN", "Infinity", 0, -1, True, [1], 1e12])
def test_other_money_is_refused(spelled: Any):
    with pytest.raises(InvalidRequest):
        parse_money(spelled, "max_cost")
