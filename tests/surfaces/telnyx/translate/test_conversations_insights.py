"""The short form of a run: results appear as they are done, always as strings."""

import pytest

from surfaces.telnyx.translate.conversations_insights import render_run
from vocabulary.json import JsonObject

RUN: JsonObject = {
    "id": "r1",
    "status": "in_progress",
    "created_at": "2025-04-15T13:07:28.764Z",
    "results": [
        {
            "insight_id": "t1",
            "status": "completed",
            "result": '{"ok": true}',
            "value": {"ok": True},
        },
        {"insight_id": "t2", "status": "failed", "result": ""},
        {"insight_id": "t3", "status": "pending", "result": ""},
    ],
}


def test_a_run_shows_what_is_done_and_nothing_else():
    assert render_run(RUN) == {
        "id": "r1",
        "status": "in_progress",
        "created_at": "2025-04-15T13:07:28.764Z",
        "conversation_insights": [{"insight_id": "t1", "result": '{"ok": true}'}],
    }


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_a_run_without_answers_has_an_empty_list(status: str):
    run = {**RUN, "status": status, "results": []}
    assert render_run(run)["conversation_insights"] == []
