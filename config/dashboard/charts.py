"""Charts as numbers for the template: bars of a small SVG, and shares of a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from config.dashboard.figures import Day

WIDTH, HEIGHT, FOOT = 560, 130, 16  # units of the drawing
GAP = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day's column: what has ended stands on the axis, what is open upon it."""

    x: float
    width: float
    middle: float
    ended_y: float
    ended_height: float
    active_y: float
    active_height: float
    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole. `percent` is exact enough that all of them fill the bar."""

    name: str
    label: str
    count: int
    percent: float


def bars(days: Sequence[Day]) -> list[Bar]:
    most = max((day.count for day in days), default=0) or 1
    step = WIDTH / max(len(days), 1)
    return [_bar(day, index * step, step - GAP, most) for index, day in enumerate(days)]


def _bar(day: Day, x: float, width: float, most: int) -> Bar:
    ended, active = (HEIGHT * count / most for count in (day.ended, day.active))
    return Bar(
        x=round(x, 1),
        width=round(width, 1),
        middle=round(x + width / 2, 1),
        ended_y=round(HEIGHT - ended, 1),
        ended_height=round(ended, 1),
        active_y=round(HEIGHT - ended - active, 1),
        active_height=round(active, 1),
        label=f"{day.on.day}",
        title=f"{day.on:%a %d %b}: {day.count} begun, {day.ended} of them ended",
    )


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Every count with its part of their sum; nothing where there is nothing to share."""
    total = sum(counts.values())
    if not total:
        return []
    edges = [0.0, *(round(100 * part / total, 2) for part in accumulate(counts.values()))]
    return [
        Share(
            name=name,
            label=name.replace("_", " "),
            count=count,
            percent=round(edges[i + 1] - edges[i], 2),
        )
        for i, (name, count) in enumerate(counts.items())
    ]
