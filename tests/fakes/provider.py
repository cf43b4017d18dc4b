"""A fake OpenAI-compatible provider: a real server that keeps to a script and remembers its calls.

In a test it runs in a thread of its own (`with FakeProvider() as upstream`); for benchmarks and
tests that kill processes it is one: `python -m tests.fakes.provider --port 9000`. Unscripted calls
get plausible answers at once, whole or streamed.

A running one is steered over HTTP too: `POST /_script` with a list of steps, `POST /_configure`
with `latency`, `pieces` and `pause`, `GET /_ledger`, `POST /_reset`.
"""

import argparse
import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Self

import uvloop

from tests.fakes.answers import (
    CREATED,
    DEFAULT_TEXT,
    decide,
    spell_chat,
    spell_chunks,
    spell_embeddings,
)
from tests.fakes.faults import Step, play_answer, read_script
from tests.fakes.http import Call, Line

MODELS = ("mock-1", "mock-2", "mock-embedding")
KEPT_CALLS = 10_000


@dataclass
class Manner:
    """How unscripted answers are given; times in seconds."""

    latency: float = 0.0
    pieces: int = 4
    pause: float = 0.0
    text: str = DEFAULT_TEXT


class FakeProvider:
    """Answers below `/v1` and at Azure's deployment paths. `calls` holds what was asked."""

    def __init__(self, *, port: int = 0, api_key: str = "", keep_calls: bool = True) -> None:
        """With `api_key`, calls without it are refused."""
        self.manner = Manner()
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS if keep_calls else 0)
        self.count = 0
        self._api_key = api_key
        self._script: deque[Step] = deque()
        self._socket = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.port = int(self._socket.getsockname()[1])
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- for the test ---------------------------------------------------------------------------
    @property
    def url(self) -> str:
        """Without the path, as Azure's SDK wants it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def bodies(self) -> list[Any]:
        """The decoded bodies of all calls, oldest first."""
        return [call.json for call in self.calls]

    def script(self, *steps: Step) -> None:
        """The next calls get these steps, one each; later ones plausible answers again."""
        self._script.extend(steps)

    def reset(self) -> None:
        self._script.clear()
        self.calls.clear()
        self.count = 0
        self.manner = Manner()

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join()

    def _run(self, started: threading.Event) -> None:
        asyncio.run(self.serve(started))

    async def serve(self, started: threading.Event | None = None) -> None:
        """Serve until cancelled."""
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: Line(self._answer), sock=self._socket)
        self._serving = asyncio.ensure_future(asyncio.Event().wait())
        if started is not None:
            started.set()
        try:
            await self._serving
        except asyncio.CancelledError:
            server.close()
            server.abort_clients()

    # -- answering ------------------------------------------------------------------------------
    def _answer(self, call: Call, line: Line) -> Coroutine[Any, Any, None] | None:
        path = call.path.partition("?")[0]
        if path.startswith("/_"):
            self._steer(path, call, line)
            return None
        self.count += 1
        self.calls.append(call)
        if not self._knows(call):
            line.reply_json({"error": {"message": "Incorrect API key provided"}}, 401)
        elif self._script:
            return self._script.popleft().play(call, line)
        elif path.endswith("/chat/completions"):
            return self._chat(call, line)
        elif path.endswith("/embeddings"):
            line.reply(spell_embeddings(call.json))
        elif path.endswith("/models"):
            line.reply_json({"object": "list", "data": [_model(name) for name in MODELS]})
        else:
            line.reply_json({"error": {"message": f"no route {path}"}}, 404)
        return None

    def _chat(self, call: Call, line: Line) -> Coroutine[Any, Any, None] | None:
        """Without waiting where nothing is to be waited for: benchmarks live from that."""
        manner = self.manner
        answer = decide(call.json, manner.text)
        if manner.latency and not call.streams:
            loop = asyncio.get_running_loop()
            loop.call_later(manner.latency, line.reply, spell_chat(answer, call.json))
        elif manner.latency or manner.pause:
            return play_answer(answer, call, line, manner.latency, manner.pieces, manner.pause)
        elif call.streams:
            line.start_stream()
            line.send(b"".join(spell_chunks(answer, call.json, manner.pieces)))
            line.end_stream()
        else:
            line.reply(spell_chat(answer, call.json))
        return None

    def _knows(self, call: Call) -> bool:
        given = (call.headers.get("authorization"), call.headers.get("api-key"))
        return not self._api_key or f"Bearer {self._api_key}" in given or self._api_key in given

    def _steer(self, path: str, call: Call, line: Line) -> None:
        match path:
            case "/_script":
                self.script(*read_script(call.json))
            case "/_configure":
                self.manner = Manner(**call.json)
            case "/_reset":
                self.reset()
        line.reply_json({"count": self.count, "calls": self.bodies if path == "/_ledger" else []})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "fake"}


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake OpenAI-compatible provider.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--pieces", type=int, default=4, help="chunks of a streamed text")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between chunks")
    parser.add_argument("--text", default=DEFAULT_TEXT)
    parser.add_argument("--forget", action="store_true", help="keep no calls, only their count")
    options = parser.parse_args()
    provider = FakeProvider(port=options.port, keep_calls=not options.forget)
    provider.manner = Manner(options.latency, options.pieces, options.pause, options.text)
    print(provider.base_url, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(provider.serve())


if __name__ == "__main__":
    main()
