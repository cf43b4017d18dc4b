"""What journeys talk to: a server process with an organisation in it, and a webhook receiver."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = {
    "serve": ["manage.py", "serve"],
    "worker": ["-m", "celery", "-A", "config", "worker", "--without-gossip", "--without-mingle"],
    "scheduler": ["-m", "celery", "-A", "config", "beat"],
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[Any]", seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


@dataclass(kw_only=True)
class Deployment:
    """The environment that all processes of one deployment share, and the commands run in it.

    `web_pid` is the web process while it is `serving`.
    """

    env: Mapping[str, str]
    port: int = field(default_factory=free_port)
    web_pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> str:
        return self.run("manage.py", *command)

    def run(self, *command: str) -> str:
        """What a Python program prints."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, name: str) -> "subprocess.Popen[str]":
        """A process of this deployment, by its `make` target, in a group of its own."""
        return subprocess.Popen(
            [sys.executable, *PROCESSES[name]],
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def serving(self, *others: str) -> Iterator["subprocess.Popen[str]"]:
        """The web process, with `worker` or `scheduler` beside it if named; SIGTERM at the end."""
        processes = [self.start("serve"), *(self.start(name) for name in others)]
        try:
            wait_for_port(self.port, processes[0])
            self.web_pid = processes[0].pid
            yield processes[0]
        finally:
            for process in processes:
                stop(process)

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **self.env, "PORT": str(self.port)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # many processes are started
        return environment


def stop(process: "subprocess.Popen[str]", seconds: float = 20) -> str:
    """End a process in the orderly way; what it printed."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
    return printed


def deployment(folder: Path, **env: str) -> Deployment:
    """An empty deployment with its data in `folder`; it may reach this machine's own addresses."""
    common = {"DATA_DIR": str(folder), "ALLOW_PRIVATE_NETWORKS": "127.0.0.0/8", "SEED_DEMO": "0"}
    return Deployment(env={**common, **env})


class Receiver:
    """Takes webhooks and shows at `/received` what came, headers and raw body.

    What is put to another path is shown there, as a web server would.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.pages: dict[str, tuple[str, bytes]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append({"path": self.path, "headers": headers, "body": body})
                self._answer(receiver.statuses.pop(0) if receiver.statuses else 200, b"ok")

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.pages[self.path] = (self.headers["content-type"], body)
                self._answer(200, b"ok")

            def do_GET(self) -> None:
                if self.path == "/received":
                    self._answer(200, json.dumps(receiver.requests).encode())
                elif self.path in receiver.pages:
                    kind, body = receiver.pages[self.path]
                    self._answer(200, body, kind)
                else:
                    self._answer(404, b"nothing here")

            def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
