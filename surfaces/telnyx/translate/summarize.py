"""Summaries of files in buckets.

https://developers.telnyx.com/api-reference/ai/summarize-file-content
"""

from dataclasses import dataclass
from typing import Final

from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire.fields import find_text, get_text
from wire.shapes import TEXT, nullable, record, said

LONGEST_PROMPT: Final = 20_000
SUMMARIZE: Final = record(
    "SummarizeRequest",
    {
        "bucket": TEXT,
        "filename": TEXT,
        "system_prompt": said(nullable(TEXT), "What the summary should be like."),
    },
    required=["bucket", "filename"],
)
SUMMARY: Final = record("Summary", {"summary": TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    bucket: str
    filename: str
    system_prompt: str


def parse_summarize(body: JsonObject) -> Asked:
    """Raises `InvalidRequest`."""
    prompt = find_text(body, "system_prompt", "") or ""
    if len(prompt) > LONGEST_PROMPT:
        raise InvalidRequest("system_prompt", f"must have at most {LONGEST_PROMPT} characters")
    return Asked(
        bucket=get_text(body, "bucket", ""),
        filename=get_text(body, "filename", ""),
        system_prompt=prompt,
    )


def render_summary(summary: str) -> JsonObject:
    return {"summary": summary}
