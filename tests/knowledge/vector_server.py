"""A PostgreSQL of our own that has the extension `vector`: the binaries in the wheel `pgserver`.

The wheel is made for an older Python than ours, but its binaries run whatever Python there is.
PostgreSQL refuses to run as root: then it runs as `nobody`, in a folder that is nobody's.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.environments import FOLDER
from tests.journeys.live import ROOT, free_port, wait_for_port

WHEEL = "pgserver==0.1.4"
SETTINGS = {"fsync": "off", "listen_addresses": "127.0.0.1", "shared_buffers": "32MB"}


@contextmanager
def vector_server() -> Iterator[str]:
    """The URL of its database; skips the test where the server cannot be had."""
    binaries = _binaries()
    place = Path(tempfile.mkdtemp(prefix="vectors-"))
    owner = _owner(place)
    data, port = place / "data", free_port()
    try:
        _run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"], **owner)
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        command = [binaries / "postgres", "-D", data, "-p", str(port), "-k", place, *options]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=place, **owner) as server:
            try:
                wait_for_port(port, server)
                yield f"postgres://postgres@127.0.0.1:{port}/postgres"
            finally:
                server.terminate()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _binaries() -> Path:
    place = FOLDER / "pgserver"
    ready = place / "ready"
    if not ready.exists():
        shutil.rmtree(place, ignore_errors=True)
        uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
        exact = ("--python-version", "3.12", "--only-binary", ":all:", "--no-deps")
        _run([uv, "pip", "install", "--quiet", "--target", str(place), *exact, WHEEL], cwd=ROOT)
        ready.touch()
    return place / "pgserver" / "pginstall" / "bin"


def _owner(place: Path) -> dict[str, Any]:
    """As whom the server runs; the folder becomes theirs."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(command: list[Any], **how: Any) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, **({"cwd": "/"} | how))
    except OSError as error:
        pytest.skip(f"a PostgreSQL with the extension vector cannot be had: {error}")
    if done.returncode:
        pytest.skip(f"a PostgreSQL with vector cannot be had: {done.stderr.strip()[-300:]}")
