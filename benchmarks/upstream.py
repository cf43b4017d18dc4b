"""A model server that costs next to nothing: canned answers over a raw asyncio protocol.

`python -m benchmarks.upstream PORT [DELAY]`: whole answers of about 1 kB after DELAY seconds;
streams of 60 chunks, one each 100 ms, whose content is the time they were sent at.
"""

import asyncio
import sys
import time
from typing import Final, cast

import orjson
import uvloop

CHUNKS: Final = 60
INTERVAL: Final = 0.1
FINDING: Final = orjson.dumps({"value": {"resolved": True}, "evidence": []}).decode()
WORDS: Final = "The parcel left the depot this morning and arrives tomorrow before noon. " * 9


def _completion(content: str) -> bytes:
    body = orjson.dumps(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "bench-1",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
        }
    )
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


CHAT: Final = _completion(WORDS)
INSIGHT: Final = _completion(FINDING)
STREAM_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    event = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "bench-1",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return _framed(b"data: " + orjson.dumps(event) + b"\n\n")


def _framed(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class Upstream(asyncio.Protocol):
    """One connection; requests come one after the other."""

    delay = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            _, _, rest = head.partition(b"content-length:")
            size = int(rest.split(b"\r\n", 1)[0]) if rest else 0
            if len(self.buffer) < end + 4 + size:
                return
            body = self.buffer[end + 4 : end + 4 + size]
            self.buffer = self.buffer[end + 4 + size :]
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        if b'"stream":true' in body or b'"stream": true' in body:
            task = asyncio.ensure_future(self._stream())
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
            return
        reply = INSIGHT if b"extraction/1" in body else CHAT
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, reply)
        else:
            self.transport.write(reply)

    async def _stream(self) -> None:
        self.transport.write(STREAM_HEAD + _chunk({"role": "assistant", "content": ""}))
        for _ in range(CHUNKS):
            self.transport.write(_chunk({"content": f"{time.monotonic():.6f} "}))
            await asyncio.sleep(INTERVAL)
        self.transport.write(_chunk({}, "stop") + _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n")


_tasks: set[asyncio.Task[None]] = set()


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    Upstream.delay = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    uvloop.run(serve(int(sys.argv[1])))
