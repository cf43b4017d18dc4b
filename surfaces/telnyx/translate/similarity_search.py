"""Similarity search: a question, and the chunks of a bucket that are nearest to it.

`distance` is the cosine distance, lower is closer; `certainty` is 1 - distance / 2. `embedding` is
the name of the model that compared them, or `keywords` where its index was made by a model that is
not installed and words were compared instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject
from wire import fields
from wire.shapes import NUMBER, OBJECT, TEXT, array, record, said, usual, whole

if TYPE_CHECKING:
    from knowledge.search import Match

USUAL_DOCS: Final = 3
MOST_DOCS: Final = 100

SEARCH: Final = record(
    "SimilaritySearchRequest",
    {
        "bucket_name": TEXT,
        "query": said(TEXT, "What to look for, in words."),
        "num_of_docs": usual(whole(1, MOST_DOCS), USUAL_DOCS),
    },
    required=["bucket_name", "query"],
)
FOUND: Final = record(
    "SimilaritySearch",
    {
        "data": array(
            record(
                "SimilarChunk",
                {
                    "document_chunk": TEXT,
                    "distance": said(NUMBER, "The cosine distance: lower is closer."),
                    "metadata": record(
                        "SimilarChunkMetadata",
                        {
                            "source": said(
                                TEXT, "The page that was crawled, or the file's URL here."
                            ),
                            "checksum": TEXT,
                            "embedding": said(TEXT, "The model, or `keywords`."),
                            "filename": TEXT,
                            "certainty": said(NUMBER, "1 - distance / 2."),
                            "loader_metadata": OBJECT,
                        },
                    ),
                },
            )
        )
    },
)


@dataclass(frozen=True, slots=True)
class Search:
    bucket: str
    query: str
    limit: int


def parse_search(body: JsonObject) -> Search:
    """Raises InvalidRequest."""
    query = fields.get_text(body, "query", "")
    if not query.strip():
        raise InvalidRequest("query", "must not be empty")
    limit = fields.find_whole(body, "num_of_docs", "", least=1, most=MOST_DOCS)
    bucket = fields.get_text(body, "bucket_name", "")
    return Search(bucket=bucket, query=query, limit=limit or USUAL_DOCS)


def render_matches(matches: "Sequence[Match]", base: str) -> JsonObject:
    """`base` is the URL that this surface stands at."""
    return {"data": [_render_match(match, base) for match in matches]}


def _render_match(match: "Match", base: str) -> JsonObject:
    return {
        "document_chunk": match.text,
        "distance": match.distance,
        "metadata": {
            "source": match.url
            or f"{base}/storage/buckets/{quote(match.bucket)}/{quote(match.path)}",
            "checksum": match.checksum,
            "embedding": match.model,
            "filename": match.path,
            "certainty": match.certainty,
            "loader_metadata": match.metadata,
        },
    }
