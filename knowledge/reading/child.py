"""The program that reads one file (`common.programs`), started by `apart`.

It answers `{"kind", "title", "sections"}` with the text, or `{"unreadable": reason, "too_long"}`.
"""

from pathlib import Path

from common.serving import Answer, serve
from knowledge.reading.extraction import extract
from knowledge.reading.extracts import TOO_MUCH_MEMORY, Extract, TooLong, Unreadable
from vocabulary.json import Json, JsonObject


def work(order: JsonObject, data: bytes) -> Answer:
    most = order["most"]
    assert isinstance(most, int)
    try:
        found = extract(
            Path(str(order["path"])),
            name=str(order["name"]),
            media_type=str(order["media_type"]),
            most=most,
        )
    except Unreadable as fault:
        return Answer({"unreadable": fault.reason, "too_long": isinstance(fault, TooLong)})
    except MemoryError:
        return Answer({"unreadable": TOO_MUCH_MEMORY, "too_long": False})
    return _told(found)


def _told(found: Extract) -> Answer:
    sections: list[Json] = [[s.start, s.end, s.heading, s.url] for s in found.sections]
    report: JsonObject = {"kind": found.kind, "title": found.title, "sections": sections}
    return Answer(report, found.text.encode())


if __name__ == "__main__":
    serve(work)
