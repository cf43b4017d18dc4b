"""What was found in a conversation: one row a run of a group, or of single templates.

Works on the run as `insights.reports.describe` says it, which is also what webhooks carry; there
`result` already is the text that Telnyx promises, whatever the schema was.
"""

from collections.abc import Mapping

from vocabulary.json import Json, JsonObject


def render_run(run: JsonObject) -> JsonObject:
    """The short form that Telnyx documents; results appear as they are done."""
    return {
        "id": run["id"],
        "status": run["status"],
        "created_at": run["created_at"],
        "conversation_insights": render_results(run),
    }


def render_results(run: JsonObject) -> list[Json]:
    return [
        {"insight_id": result["insight_id"], "result": result["result"]}
        for result in results_of(run)
        if result["status"] == "completed"
    ]


def results_of(run: JsonObject) -> list[JsonObject]:
    results = run["results"]
    assert isinstance(results, list)
    return [result for result in results if isinstance(result, Mapping)]
