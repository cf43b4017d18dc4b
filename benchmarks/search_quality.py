"""`python -m benchmarks.search_quality`: does the right passage come first?

The documents of an invented shop (`tests/data/knowledge`) are cut and embedded with
`builtin/minilm`; each question names the file and a phrase of the passage that must be found first.
Prints the tables of `docs/search-quality.md`.
"""

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

from benchmarks.store import store

if TYPE_CHECKING:
    from organisations.actor import Actor

FOLDER: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "knowledge"
MODEL: Final = "builtin/minilm"
SIZES: Final = ((400, 100), (1024, 512))
"""Characters of a chunk and of its overlap; the last are those of a task that names none."""
LOOKED_AT: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """`place` is where the right passage came, from 1; None is not among those looked at."""

    question: str
    file: str
    place: int | None
    first_file: str
    distance: float


async def measure(actor: "Actor", size: int, overlap: int) -> list[Asked]:
    """All questions, asked of a bucket of all documents."""
    from common.db import in_thread
    from inference.origin import Origin
    from knowledge.search import search

    bucket = f"quality-{size}"
    chunks = await in_thread(_cut, size, overlap)
    await in_thread(_store, actor, bucket, chunks, await _embed(actor, chunks))
    asked = []
    for wanted in json.loads((FOLDER / "questions.json").read_text()):
        found = await search(
            actor, bucket, wanted["question"], limit=LOOKED_AT, origin=Origin(surface="bench")
        )
        right = (
            place
            for place, match in enumerate(found, start=1)
            if match.path == wanted["file"] and wanted["phrase"] in match.text
        )
        first = found[0]
        place = next(right, None)
        asked.append(Asked(wanted["question"], wanted["file"], place, first.path, first.distance))
    return asked


type Chunks = dict[str, list[str]]


def _cut(size: int, overlap: int) -> Chunks:
    """The pieces of each document, by its name."""
    from knowledge.chunking import cut
    from knowledge.reading.extraction import extract

    return {
        path.name: [p.text for p in cut(extract(path, name=path.name), size=size, overlap=overlap)]
        for path in sorted(FOLDER.glob("*.md"))
    }


async def _embed(actor: "Actor", chunks: Chunks) -> dict[str, Sequence[Sequence[float]]]:
    from inference.origin import Origin
    from inference.services import embed
    from vocabulary.embeddings import EmbeddingRequest

    origin = Origin(surface="bench")
    return {
        name: (
            await embed(actor, EmbeddingRequest(model=MODEL, inputs=tuple(texts)), origin)
        ).vectors
        for name, texts in chunks.items()
    }


def _store(
    actor: "Actor", bucket: str, chunks: Chunks, vectors: dict[str, Sequence[Sequence[float]]]
) -> None:
    """Rows as an embedding leaves them."""
    from files.models import Bucket
    from knowledge.models import Chunk, Document, Index, IndexState
    from knowledge.vectors.matrix import unit

    owner = actor.organisation_id
    index = Index.objects.create(
        organisation_id=owner,
        bucket=Bucket.objects.create(organisation_id=owner, name=bucket),
        asked_model=MODEL,
        model=MODEL,
        dimensions=len(next(iter(vectors.values()))[0]),
        state=IndexState.ACTIVE,
        revision=1,
    )
    for name, texts in chunks.items():
        document = Document.objects.create(
            organisation_id=owner, index=index, path=name, status="embedded", chunk_count=len(texts)
        )
        Chunk.objects.bulk_create(
            Chunk(
                organisation_id=owner,
                index=index,
                document=document,
                position=position,
                text=text,
                vector=unit(vectors[name][position]).tobytes(),
            )
            for position, text in enumerate(texts)
        )


def table(asked: Sequence[Asked]) -> Iterator[str]:
    yield "| question | must come from | place | first | distance |"
    yield "|---|---|--:|---|--:|"
    for each in asked:
        place = str(each.place) if each.place else f"beyond {LOOKED_AT}"
        first = "the same" if each.place == 1 else each.first_file
        yield f"| {each.question} | {each.file} | {place} | {first} | {each.distance:.3f} |"


def count_first(asked: Sequence[Asked]) -> int:
    return sum(each.place == 1 for each in asked)


def main() -> None:
    with store() as env:
        os.environ.update(env)
        django.setup()
        from organisations.actor import system
        from organisations.services import create_organisation

        actor = system(create_organisation("bench").pk)
        for size, overlap in SIZES:
            asked = asyncio.run(measure(actor, size, overlap))
            print(f"\nChunks of {size} characters that overlap by {overlap}: the right passage")
            print(f"came first for **{count_first(asked)} of {len(asked)}** questions.\n")
            print(*table(asked), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
