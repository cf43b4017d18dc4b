"""The process that reads one file: `python -m knowledge.reading.child`, started by `apart`.

Its order comes as JSON on standard input. Its answer is one line of JSON, with the reason where the
file is unreadable, and the text after that line.
"""

import json
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from knowledge.reading.extraction import extract
from knowledge.reading.extracts import Extract, TooLong, Unreadable

TOO_MUCH_MEMORY: Final = "needs too much memory to be read"
_OPEN_FILES: Final = 64


def main() -> None:
    order = json.load(sys.stdin)
    _limit(memory=order["memory"], seconds=order["seconds"])
    try:
        found = extract(
            Path(order["path"]),
            name=order["name"],
            media_type=order["media_type"],
            most=order["most"],
        )
    except Unreadable as fault:
        _answer({"unreadable": fault.reason, "too_long": isinstance(fault, TooLong)})
    except MemoryError:
        _answer({"unreadable": TOO_MUCH_MEMORY, "too_long": False})
    else:
        _answer(_header(found), found.text)


def _limit(*, memory: int, seconds: int) -> None:
    """What the system allows this process from here on; systems differ in what they can hold."""
    limits = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
    }
    for kind, most in limits.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, most)


def _header(found: Extract) -> dict[str, object]:
    sections = [asdict(section) for section in found.sections]
    return {"kind": found.kind, "title": found.title, "sections": sections}


def _answer(header: dict[str, object], text: str = "") -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(header).encode() + b"\n")
    out.write(text.encode())
    out.flush()


if __name__ == "__main__":
    main()
