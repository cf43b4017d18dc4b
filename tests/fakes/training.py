"""A fake upstream that trains: files, jobs, events and cancelling, after OpenAI, Azure, Together.

A job goes through `statuses`, one each time it is looked at, and stays at the last.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.http import Call, Line
from tests.fakes.provider import FakeProvider

OPENAI = ("validating_files", "queued", "running", "succeeded")
_JOBS = r"(?:fine_tuning/jobs|fine-tunes)"
_NAME = re.compile(rb'filename="([^"]+)"')
CREATED = 1_700_000_000


@dataclass
class FakeTrainer(FakeProvider):
    """`files` and `jobs` are what was made, by id; `break_after` cuts the line once a job is made,
    as if the caller had died before it heard of it."""

    statuses: tuple[str, ...] = OPENAI
    file_status: str = "processed"
    created: int = 200
    break_after: bool = False
    model_field: str = "fine_tuned_model"
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    page: int = 2

    def __post_init__(self) -> None:
        super().__init__()

    def _answer(self, call: Call, line: Line) -> Any:
        path = call.path.partition("?")[0]
        self.calls.append(call)
        if call.method == "POST" and re.search(r"/files(?:/upload)?$", path):
            return self._take(call, line)
        if path.endswith("/files"):
            return self._list(call, line, list(self.files.values()))
        if not (found := re.search(rf"/{_JOBS}(?:/([^/]+))?(?:/(cancel|events))?$", path)):
            return line.reply_json({"error": {"message": "no route"}}, 404)
        id, deed = found.groups()
        if id is None:
            if call.method == "POST":
                return self._create(call, line)
            return self._list(call, line, list(reversed(self.jobs.values())))
        if deed == "events":
            return self._list(call, line, list(reversed(self.events)))
        return self._show(line, self.jobs[id], deed)

    def _take(self, call: Call, line: Line) -> None:
        name = _NAME.search(call.body)
        assert name and b'name="purpose"\r\n\r\nfine-tune\r\n' in call.body
        file = {
            "id": f"file-{len(self.files) + 1}",
            "filename": name[1].decode(),
            "status": self.file_status,
        }
        self.files[file["id"]] = file
        line.reply_json(file, self.created)

    def _create(self, call: Call, line: Line) -> None:
        id = f"ftjob-{len(self.jobs) + 1}"
        self.jobs[id] = {"id": id, "looks": 0, "created_at": CREATED, **call.json}
        if self.break_after:
            self.break_after = False
            return line.reset()
        return line.reply_json({**self.jobs[id], "status": self.statuses[0]}, self.created)

    def _show(self, line: Line, job: dict[str, Any], deed: str | None) -> None:
        if deed == "cancel":
            if self._status(job) in ("succeeded", "completed"):
                return line.reply_json({"error": {"message": "has ended"}}, 400)
            job["cancelled"] = True
        job["looks"] += 1
        status = self._status(job)
        said = {**job, "status": status}
        if status in ("succeeded", "completed"):
            said |= {self.model_field: "ft:mock-1:acme::abc", "trained_tokens": 4_200}
        if status in ("failed", "error"):
            said["error"] = {"message": "the file is too short"}
        return line.reply_json(said)

    def _status(self, job: dict[str, Any]) -> str:
        if job.get("cancelled"):
            return "cancelled"
        return self.statuses[min(job["looks"], len(self.statuses) - 1)]

    def _list(self, call: Call, line: Line, items: list[dict[str, Any]]) -> None:
        after = re.search(r"after=([^&]+)", call.path)
        ids = [item["id"] for item in items]
        start = ids.index(after[1]) + 1 if after else 0
        page = [{"status": "queued", **item} for item in items[start : start + self.page]]
        more = len(items) > start + self.page
        line.reply_json({"object": "list", "data": page, "has_more": more})

    def tell(self, number: int, **data: Any) -> None:
        """One more event."""
        self.events.append(
            {
                "id": f"ev-{number}",
                "created_at": CREATED + number,
                "level": "info",
                "message": f"Step {number}",
                "data": data,
            }
        )
