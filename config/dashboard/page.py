"""From figures to the template's context, for the organisations in the visitor's reach."""

from typing import Any

from django.http import HttpRequest

from config.dashboard.charts import FOOT, HEIGHT, WIDTH, bars, shares
from config.dashboard.figures import MOST_DELIVERIES, Figures, read_figures
from organisations.models import Organisation
from organisations.reach import reach

MOST_SHOWN = 3
MOST_OFFERED = 100


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback. `?organisation=slug` shows one; else the first few are shown."""
    mine = reach(request).narrow(Organisation.objects.filter(is_active=True), "pk")
    asked = request.GET.get("organisation", "")
    offered = list(mine.order_by("slug")[:MOST_OFFERED])
    shown = list(mine.filter(slug=asked)) if asked else offered[:MOST_SHOWN]
    return {
        **context,
        "title": "Dashboard",
        "boards": [_board(read_figures(organisation)) for organisation in shown],
        "offered": offered if len(offered) > 1 else [],
        "asked": asked,
        "chart": {"width": WIDTH, "height": HEIGHT, "all": HEIGHT + FOOT, "foot": HEIGHT + 12},
    }


def _board(figures: Figures) -> dict[str, Any]:
    active = sum(day.active for day in figures.days)
    ended = sum(day.ended for day in figures.days)
    return {
        "figures": figures,
        "begun": active + ended,
        "bars": bars(figures.days),
        "states": shares({"active": active, "ended": ended}),
        "runs": shares(figures.runs),
        "evidence": shares(figures.evidence),
        "most": MOST_DELIVERIES,
        "tokens": f"{figures.tokens:,}",
        "full": round(min(100 * figures.storage.used / max(figures.storage.quota, 1), 100), 2),
    }
