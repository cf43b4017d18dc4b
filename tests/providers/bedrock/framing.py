"""Messages of AWS' event streams, written: what a fake Bedrock sends."""

import struct
import zlib
from typing import Any

import orjson


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    return spell(b"".join(text_header(name, value) for name, value in headers.items()), payload)


def text_header(name: str, value: str) -> bytes:
    told = value.encode()
    return bytes((len(name),)) + name.encode() + struct.pack(">BH", 7, len(told)) + told


def spell(headers: bytes, payload: bytes) -> bytes:
    head = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = head + struct.pack(">I", zlib.crc32(head)) + headers + payload
    return body + struct.pack(">I", zlib.crc32(body))


def event(name: str, body: Any) -> bytes:
    headers = {
        ":event-type": name,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return frame(headers, orjson.dumps(body))


def exception(name: str, message: str) -> bytes:
    headers = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers, orjson.dumps({"message": message}))
