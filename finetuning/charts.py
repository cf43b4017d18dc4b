"""How a training went, as a small drawing: the loss of each epoch and the held-out accuracy."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from finetuning.models import JobEvent

WIDTH, HEIGHT, EDGE = 560, 130, 6  # units of the drawing
MOST_POINTS = 500

type Curve = Sequence[tuple[float, float]]


def draw(events: Iterable[JobEvent]) -> SafeString:
    """Nothing for a job that has told no figures."""
    told = [event.data for event in events]
    loss, accuracy = _curve(told, "loss"), _curve(told, "accuracy")
    if not loss and not accuracy:
        return mark_safe("")
    lines = [
        (name, _points(curve, top), f"{curve[-1][1]:.4g}")
        for name, curve, top in (
            ("loss", loss, max((y for _, y in loss), default=1.0)),
            ("accuracy", accuracy, 1.0),
        )
        if curve
    ]
    paths = format_html_join(
        "",
        '<g><title>{}: {} at the end</title><polyline class="cq-curve cq-curve-{}" '
        'points="{}"/></g>',
        ((name, last, name, points) for name, points, last in lines),
    )
    legend = format_html_join(
        "",
        '<span><i class="cq-fill-{}"></i>{} {} at the end</span>',
        ((name, name, last) for name, _, last in lines),
    )
    return format_html(
        '<svg class="cq-chart cq-course" viewBox="0 0 {} {}" role="img" '
        'aria-label="loss and accuracy by epoch">{}</svg><p class="cq-legend">{}</p>',
        WIDTH,
        HEIGHT,
        paths,
        legend,
    )


def _curve(told: Iterable[dict[str, object]], name: str) -> Curve:
    """By epoch where one is told, else by step."""
    places = ((data.get("epoch", data.get("step")), data.get(name)) for data in told)
    curve = [
        (float(x), float(y))
        for x, y in places
        if isinstance(x, int | float) and isinstance(y, int | float)
    ]
    return curve[:: max(1, len(curve) // MOST_POINTS)]


def _points(curve: Curve, top: float) -> str:
    first, last = curve[0][0], curve[-1][0]
    width, height = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    span = (last - first) or 1.0
    return " ".join(
        f"{EDGE + width * (x - first) / span:.1f},{EDGE + height * (1 - y / (top or 1.0)):.1f}"
        for x, y in curve
    )
