"""One virtual environment a vendor's SDK and version, for their pins disagree."""

import fcntl
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.journeys.live import ROOT

FOLDER = ROOT / ".sdks"


def python_with(name: str, *requirements: str) -> Path:
    """The interpreter of an environment with these packages and pytest; made on first use.

    Skips the test where no package index is reachable.
    """
    place = FOLDER / name
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other tests may want the same one now
        return _made(place, requirements)


def _made(place: Path, requirements: Sequence[str]) -> Path:
    python = place / "bin" / "python"
    ready = place / "ready"
    if ready.exists():
        return python
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    shutil.rmtree(place, ignore_errors=True)
    _run(uv, "venv", "--quiet", "--python", "3.13", str(place))
    packages = ("pytest", "pytest-asyncio", *requirements)
    _run(uv, "pip", "install", "--quiet", "--python", str(python), *packages)
    ready.touch()
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the SDK's environment cannot be made: {done.stderr.strip()[-300:]}")
