"""What was found in a conversation: one row a run of a group, or of single templates.

Works on the run as `insights.reports.describe` says it, which is also what webhooks carry; there
`result` already is the text that Telnyx promises, whatever the schema was.
"""

from collections.abc import Mapping
from typing import Final

from vocabulary.json import Json, JsonObject
from wire.shapes import (
    ANYTHING,
    MONEY,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    array,
    nullable,
    record,
    said,
    word,
)

STATUS: Final = word("pending", "in_progress", "completed", "failed")
BRIEF_RUN: Final = record(
    "ConversationInsights",
    {
        "id": UUID,
        "status": STATUS,
        "created_at": TIME,
        "conversation_insights": array(
            record(
                "ConversationInsight",
                {"insight_id": UUID, "result": said(TEXT, "Text, or a JSON value as text.")},
            )
        ),
    },
)
EVIDENCE: Final = record(
    "Evidence",
    {
        "message_id": UUID,
        "quote": TEXT,
        "start": said(WHOLE, "In Unicode characters of the message's text."),
        "end": said(WHOLE, "The same; `text[start:end] == quote`."),
    },
)
FIELD: Final = record(
    "InsightField",
    {
        "path": said(TEXT, "JSON Pointer into `value`."),
        "state": word("found", "not_mentioned", "unsupported", "invalid"),
        "confidence": nullable(NUMBER),
        "evidence": array(EVIDENCE),
    },
)
RESULT: Final = record(
    "InsightResult",
    {
        "insight_id": UUID,
        "template_version": WHOLE,
        "generation": said(WHOLE, "Rises each time the conversation is asked this anew."),
        "status": STATUS,
        "error": nullable(TEXT),
        "result": said(TEXT, "Text, or the JSON value as text."),
        "value": said(ANYTHING, "A value of the template's schema."),
        "fields": array(FIELD),
        "model": nullable(TEXT),
        "served_by": nullable(TEXT),
        "usage": record(
            "InsightUsage",
            {"prompt_tokens": WHOLE, "completion_tokens": WHOLE, "total_tokens": WHOLE},
        ),
        "cost": nullable(MONEY),
        "latency_ms": nullable(WHOLE),
    },
)
RUN: Final = record(
    "InsightRun",
    {
        "id": UUID,
        "conversation_id": UUID,
        "insight_group_id": nullable(UUID),
        "trigger": word("end", "idle", "manual", "backfill"),
        "status": STATUS,
        "created_at": TIME,
        "started_at": nullable(TIME),
        "finished_at": nullable(TIME),
        "error": nullable(TEXT),
        "results": array(RESULT),
    },
    about="As `insights.reports.describe` tells it.",
)


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
