"""How the accuracy script counts, and that what it found does not get worse unnoticed."""

from pathlib import Path

import pytest

from benchmarks.insight_accuracy import Score, most_frequent, run, score
from providers.builtin.engine.sense import Keywords

HELD_OUT = Path(__file__).parents[2] / "data" / "insight_heldout.jsonl"


@pytest.mark.parametrize(
    ("field", "expected", "value", "points"),
    [
        ("customer_name", "Martin Oakley", "Mr Martin  Oakley", 1),
        ("phone", "07700 900451", "07700900451", 1),
        ("order_id", "HH-204817", "hh 204817", 1),
        ("topic", "billing", "delivery", 0),
        ("phone", None, None, 1),
        ("summary", {"mentions": [["lamp", "light"], ["refund"]]}, "A Light was late.", 0.5),
        ("items", {"covers": ["send a replacement"]}, ["I'll send you the replacements"], 1),
        ("items", {"covers": ["send a replacement"]}, [], 0),
    ],
)
def test_points_are_given_by_the_rules_of_the_page(field: str, expected, value, points: float):
    assert score(field, expected, value) == points


def test_the_baseline_answers_the_commonest_label():
    scores = [Score("resolved", 1, label, None, "c") for label in (True, True, False)]
    assert most_frequent(scores) == pytest.approx(2 / 3)
    assert most_frequent([Score("x", 1, {"mentions": []}, None, "c")]) is None


def test_the_held_out_figures_hold():
    scores = list(run(HELD_OUT, Keywords()))
    floors = {"schema-valid": 1.0, "email": 1.0, "phone": 1.0, "order_id": 0.9, "resolved": 0.8}
    for field, floor in floors.items():
        points = [one.points for one in scores if one.field == field]
        assert sum(points) / len(points) >= floor
