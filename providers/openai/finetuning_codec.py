"""Fine-tuning as calls to a server of the OpenAI format, and its replies as states and events.

Spoken are OpenAI's own routes (`files`, `fine_tuning/jobs`), Azure's, which are the same below
`openai/`, and Together's (`fine-tunes`), chosen by the account's host or its option `finetuning`.
A job is found again by its key in the name of its training file, which every server keeps.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from common.bodies import dump_json
from providers.openai.endpoint import Endpoint
from providers.replies import read_json
from vocabulary.errors import UpstreamUnavailable
from vocabulary.finetuning import TuningEvent, TuningState, TuningStatus
from vocabulary.json import Json, JsonObject
from wire.http import Deadlines, FormFile, HttpCall, Method

if TYPE_CHECKING:
    from providers.protocols import Account

PAGE: Final = 100
UPLOAD_TIMEOUT: Final = 900.0
MAX_MESSAGE: Final = 2_000
STATUSES: Final[Mapping[str, TuningStatus]] = {
    "validating_files": "queued",
    "pending": "queued",
    "notrunning": "queued",
    "queued": "queued",
    "running": "running",
    "paused": "running",
    "pausing": "running",
    "resuming": "running",
    "compressing": "running",
    "uploading": "running",
    "cancel_requested": "running",
    "succeeded": "succeeded",
    "completed": "succeeded",
    "failed": "failed",
    "error": "failed",
    "deleted": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "user_error": "failed",
}
_READY: Final = frozenset({"", "processed", "uploaded", "succeeded"})
_BROKEN: Final = frozenset({"error", "failed", "deleted"})
_LEVELS: Final[Mapping[str, Literal["info", "warn", "error"]]] = {
    "warn": "warn",
    "warning": "warn",
    "error": "error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that the server has. Not `is_ready` means that it is still looking at it."""

    id: str
    name: str
    is_ready: bool
    is_broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where a server has its jobs, and where it takes files."""

    jobs: str = "fine_tuning/jobs"
    upload: str = "files"
    writes_epochs_plainly: bool = False

    @classmethod
    def of(cls, account: "Account") -> "Routes":
        host = urlsplit(account.base_url).hostname or ""
        if account.options.get("finetuning") == "together" or host.endswith("together.xyz"):
            return cls(jobs="fine-tunes", upload="files/upload", writes_epochs_plainly=True)
        return cls()


# -- the calls ----------------------------------------------------------------------------------
def file_name(key: str, role: str = "training") -> str:
    """What the file of the job with this key is called at the server."""
    return f"colloquy-{key}-{role}.jsonl"


def encode_upload(account: "Account", name: str, content: Path) -> HttpCall:
    fields = {"purpose": "fine-tune"}
    if Routes.of(account).writes_epochs_plainly:
        fields["file_name"] = name
    call = _call(account, "POST", Routes.of(account).upload)
    file = FormFile(path=content, name=name, media_type="application/jsonl")
    return replace(
        call,
        body=(*fields.items(), ("file", file)),
        deadlines=Deadlines(total=UPLOAD_TIMEOUT, between_bytes=UPLOAD_TIMEOUT),
    )


def encode_create(
    account: "Account",
    *,
    key: str,
    model: str,
    training: str,
    validation: str,
    epochs: int | None,
    suffix: str,
) -> HttpCall:
    """`training` and `validation` are the server's ids of files."""
    routes = Routes.of(account)
    body: dict[str, Json] = {"model": model, "training_file": training}
    if validation:
        body["validation_file"] = validation
    if suffix:
        body["suffix"] = suffix
    if routes.writes_epochs_plainly:
        return _call(account, "POST", routes.jobs, body=body | _epochs(epochs))
    if epochs is not None:
        body["hyperparameters"] = _epochs(epochs)
    if _keeps_metadata(account):
        body["metadata"] = {"key": key}
    return _call(account, "POST", routes.jobs, body=body)


def encode_get(account: "Account", job_id: str) -> HttpCall:
    return _call(account, "GET", f"{Routes.of(account).jobs}/{quote(job_id, safe='')}")


def encode_cancel(account: "Account", job_id: str) -> HttpCall:
    path = f"{Routes.of(account).jobs}/{quote(job_id, safe='')}/cancel"
    return _call(account, "POST", path)


def encode_events(account: "Account", job_id: str, after: str) -> HttpCall:
    path = f"{Routes.of(account).jobs}/{quote(job_id, safe='')}/events"
    return _call(account, "GET", path, query=_paging(after))


def encode_jobs(account: "Account", after: str) -> HttpCall:
    return _call(account, "GET", Routes.of(account).jobs, query=_paging(after))


def encode_files(account: "Account", after: str) -> HttpCall:
    return _call(account, "GET", "files", query={"purpose": "fine-tune", **_paging(after)})


def _paging(after: str) -> dict[str, str]:
    return {"limit": str(PAGE), **({"after": after} if after else {})}


def _epochs(epochs: int | None) -> dict[str, Json]:
    return {} if epochs is None else {"n_epochs": epochs}


def _keeps_metadata(account: "Account") -> bool:
    """Only OpenAI's own API is known to take it; others refuse fields they do not know."""
    return urlsplit(account.base_url).hostname == "api.openai.com"


def _call(
    account: "Account",
    method: Method,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: JsonObject | None = None,
) -> HttpCall:
    endpoint = Endpoint(account=account)
    return HttpCall(
        method=method,
        url=_url(account, path, query or {}),
        headers=endpoint.headers(),
        body=b"" if body is None else dump_json(body),
        deadlines=Deadlines(total=endpoint.timeout),
    )


def _url(account: "Account", path: str, query: Mapping[str, str]) -> str:
    base = account.base_url.rstrip("/")
    version = account.options.get("api_version")
    if isinstance(version, str) and version:
        base = base.partition("/deployments/")[0]
        base = base if base.endswith("/openai") else f"{base}/openai"
        query = {**query, "api-version": version}
    return f"{base}/{path}" + (f"?{urlencode(query)}" if query else "")


# -- the replies --------------------------------------------------------------------------------
def decode_file(body: bytes) -> UploadedFile:
    return _read_file(_object(read_json(body)))


def decode_files(body: bytes) -> list[UploadedFile]:
    return [_read_file(item) for item in _items(body)]


def decode_job(body: bytes) -> TuningState:
    return _read_job(_object(read_json(body)))


def decode_jobs(body: bytes) -> list[tuple[str, TuningState]]:
    """Each with the id of its training file."""
    return [(_text(item, "training_file"), _read_job(item)) for item in _items(body)]


def decode_events(body: bytes) -> list[TuningEvent]:
    """As the server orders them, mostly the newest first."""
    return [_read_event(item) for item in _items(body)]


def has_more(body: bytes) -> bool:
    return _object(read_json(body)).get("has_more") is True


def _read_file(item: JsonObject) -> UploadedFile:
    status = _text(item, "status").lower()
    return UploadedFile(
        id=_id(item),
        name=_text(item, "filename"),
        is_ready=status in _READY,
        is_broken=status in _BROKEN,
    )


def _read_job(item: JsonObject) -> TuningState:
    said = _text(item, "status").lower()
    if said not in STATUSES:
        raise UpstreamUnavailable(f"the upstream's job has an unknown status '{said[:40]}'")
    names = ("fine_tuned_model", "model_output_name", "output_name")
    tokens = item.get("trained_tokens", item.get("token_count"))
    return TuningState(
        id=_id(item),
        status=STATUSES[said],
        model=next((name for key in names if (name := _text(item, key))), ""),
        trained_tokens=tokens if isinstance(tokens, int) and tokens >= 0 else None,
        error=_error(item.get("error")),
    )


def _error(error: Json) -> str:
    if isinstance(error, Mapping):
        error = error.get("message")
    return error[:MAX_MESSAGE] if isinstance(error, str) else ""


def _read_event(item: JsonObject) -> TuningEvent:
    at, message = _time(item.get("created_at")), _text(item, "message")[:MAX_MESSAGE]
    key = _text(item, "id") or f"{at.isoformat() if at else ''} {message}"
    data = item.get("data")
    return TuningEvent(
        key=key[:200],
        message=message,
        level=_LEVELS.get(_text(item, "level").lower(), "info"),
        at=at,
        data=_figures(data) if isinstance(data, Mapping) else {},
    )


def _figures(data: JsonObject) -> JsonObject:
    """The numbers and short texts; `loss` and `accuracy` under one name whoever tells them."""
    same = {
        "train_loss": "loss",
        "valid_mean_token_accuracy": "accuracy",
        "train_mean_token_accuracy": "train_accuracy",
    }
    return {
        same.get(name, name): value
        for name, value in data.items()
        if (isinstance(value, int | float) and math.isfinite(value))
        or (isinstance(value, str) and len(value) <= MAX_MESSAGE)
    }


def _time(value: Json) -> datetime | None:
    """Unix seconds, or an ISO time."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed and parsed.tzinfo is None else parsed


def _items(body: bytes) -> Sequence[JsonObject]:
    whole = read_json(body)
    listed = whole if isinstance(whole, list) else _object(whole).get("data")
    if not isinstance(listed, list):
        raise UpstreamUnavailable("the upstream's list is none")
    return [_object(item) for item in listed]


def _object(value: Json) -> JsonObject:
    if not isinstance(value, Mapping):
        raise UpstreamUnavailable("the upstream's answer is misshapen")
    return value


def _id(item: JsonObject) -> str:
    found = _text(item, "id")
    if not found or len(found) > 200:
        raise UpstreamUnavailable("the upstream's answer has no id")
    return found


def _text(item: JsonObject, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
