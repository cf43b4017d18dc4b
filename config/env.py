"""Reads of the environment. Each also takes `NAME_FILE`, a path of a file with the value."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


def env_text(name: str, default: str = "") -> str:
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else os.environ.get(name, default)


def env_bool(name: str, default: bool) -> bool:
    text = env_text(name).strip().lower()
    return default if not text else text in {"1", "true", "yes", "on"}


def env_int(name: str, default: int) -> int:
    return int(env_text(name) or default)


def env_float(name: str, default: float) -> float:
    return float(env_text(name) or default)


def env_list(name: str) -> list[str]:
    return [item.strip() for item in env_text(name).split(",") if item.strip()]


def env_json(name: str) -> dict[str, Any]:
    """A JSON object; an empty one by default."""
    value: dict[str, Any] = json.loads(env_text(name) or "{}")
    return value


def env_secret(name: str, kept_in: Path | None) -> str:
    """The variable, else what an earlier start generated into `kept_in`, else a new one there."""
    given = env_text(name)
    if given or kept_in is None:
        return given
    place = kept_in / name.lower()
    if not place.exists():
        _write_once(place, secrets.token_urlsafe(32))
    return place.read_text().strip()


def _write_once(place: Path, text: str) -> None:
    """Two processes may start at once: the first one's secret stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
