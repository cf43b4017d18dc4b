"""Large indexes in PostgreSQL's extension `vector`, where the server has it: a copy of their
vectors with an approximate (HNSW) index for each, so that one tenant's search never meets
another's rows.

The copy is derived data in tables that Django does not know, kept by the periodic `accelerate`.
`state` says up to which revision an index is copied; a search that finds another one there looks
into the vectors themselves (`knowledge.vectors`). Extensions since 0.5 will do.
"""

import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from knowledge.models import Document, DocumentStatus, Index, IndexState
from knowledge.vectors.loading import Source
from knowledge.vectors.matrix import FLOAT, Floats, Hit

logger = logging.getLogger(__name__)
TABLE: Final = "knowledge_vector"
STATE: Final = "knowledge_vector_state"
MOST_DIMENSIONS: Final = 2_000  # of an index of the type `vector`
BATCH: Final = 200
SECONDS: Final = 20.0
"""That one call of `accelerate` copies before it leaves the rest to the next."""
CANDIDATES: Final = 200
"""That a search weighs (`hnsw.ef_search`), many times what it is asked for, so that it rarely
misses one of the nearest."""
LOOK_AGAIN: Final = 60.0  # seconds
type Value = str | int | uuid.UUID | list[uuid.UUID]
_LOCK: Final = 0x6B6E6F77  # "know": one process copies at a time

_TABLES: Final = f"""
    CREATE TABLE IF NOT EXISTS {TABLE} (
        chunk_id uuid PRIMARY KEY,
        index_id uuid NOT NULL,
        document_id uuid NOT NULL,
        embedding vector NOT NULL
    );
    CREATE INDEX IF NOT EXISTS {TABLE}_owner ON {TABLE} (index_id, document_id);
    CREATE TABLE IF NOT EXISTS {STATE} (index_id uuid PRIMARY KEY, revision bigint NOT NULL);
"""


# -- searching ----------------------------------------------------------------------------------
class Presence:
    """Whether the tables are there; asked for once in a while."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._found = False

    def __bool__(self) -> bool:
        if connection.vendor != "postgresql":
            return False
        now = time.monotonic()
        if self._looked is None or (not self._found and now - self._looked > LOOK_AGAIN):
            self._looked, self._found = now, _value(f"SELECT to_regclass('{STATE}')") is not None
        return self._found

    def forget(self) -> None:
        self._looked, self._found = None, False


PRESENCE: Final = Presence()


def is_accelerated(source: Source) -> bool:
    """Whether the copy of this index is there, and of its very revision. Reads the database."""
    if not PRESENCE:
        return False
    state = _value(f"SELECT revision FROM {STATE} WHERE index_id = %s", source.index_id)
    return bool(state == source.revision)


def nearest(source: Source, vector: Floats, limit: int) -> list[Hit]:
    """The chunks nearest to `vector`, the nearest first; rarely one of them is missed."""
    question = f"'{_text(vector)}'::vector({source.dimensions})"
    column = f"(embedding::vector({source.dimensions}))"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('hnsw.ef_search', %s, true)", [str(CANDIDATES)])
        cursor.execute(
            f"SELECT chunk_id, {column} <=> {question} AS distance FROM {TABLE}"
            f" WHERE index_id = '{source.index_id}' ORDER BY {column} <=> {question} LIMIT %s",
            [limit],
        )
        return [Hit(chunk_id, max(distance, 0.0)) for chunk_id, distance in cursor.fetchall()]


# -- keeping ------------------------------------------------------------------------------------
def accelerate() -> None:
    """Bring the copies nearer to what they should be, for `SECONDS`; the next call goes on."""
    if connection.vendor != "postgresql" or not _has_extension():
        return
    with _alone() as is_alone:
        if not is_alone:
            return
        until = time.monotonic() + SECONDS
        wanted = _find_large()
        _drop_others(wanted)
        for source in wanted:
            if time.monotonic() < until:
                _copy(source, until)


def _has_extension() -> bool:
    """Makes it, and our tables, where it can be made; says once why it cannot."""
    if PRESENCE:
        return True
    if not _value("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"):
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(_TABLES)
    except DatabaseError as error:
        logger.info("PostgreSQL's extension vector is not used: %s", error)
        return False
    PRESENCE.forget()
    return True


@contextmanager
def _alone() -> Iterator[bool]:
    """True if no other process keeps copies now."""
    is_alone = bool(_value("SELECT pg_try_advisory_lock(%s)", _LOCK))
    try:
        yield is_alone
    finally:
        if is_alone:
            _value("SELECT pg_advisory_unlock(%s)", _LOCK)


def _find_large() -> list[Source]:
    """The indexes that are searched, and large enough for an index of their own."""
    counts = dict(
        Document.unscoped.filter(status=DocumentStatus.EMBEDDED, index__state=IndexState.ACTIVE)
        .values("index_id")
        .annotate(in_all=Sum("chunk_count"))
        .filter(in_all__gte=settings.PGVECTOR_FROM_CHUNKS)
        .order_by()
        .values_list("index_id", "in_all")
    )
    fitting = Index.unscoped.filter(pk__in=counts, dimensions__lte=MOST_DIMENSIONS)
    return [source_of(index) for index in fitting.order_by("pk") if index.dimensions]


def source_of(index: Index) -> Source:
    return Source(
        organisation_id=index.organisation_id,
        index_id=index.pk,
        revision=index.revision,
        dimensions=index.dimensions or 0,
    )


def _drop_others(wanted: Sequence[Source]) -> None:
    """Forget copies of what is gone, replaced or small by now."""
    kept = [source.index_id for source in wanted]
    for index_id in _column(f"SELECT index_id FROM {STATE} WHERE NOT index_id = ANY(%s)", kept):
        _run(f"DROP INDEX CONCURRENTLY IF EXISTS {_name(index_id)}")
        _run(f"DELETE FROM {TABLE} WHERE index_id = %s", index_id)
        _run(f"DELETE FROM {STATE} WHERE index_id = %s", index_id)


def _copy(source: Source, until: float) -> None:
    """Rows that are gone leave, missing ones come; then the copy is called complete, unless the
    index has changed meanwhile."""
    if _value(f"SELECT revision FROM {STATE} WHERE index_id = %s", source.index_id) is None:
        _run(f"INSERT INTO {STATE} VALUES (%s, -1) ON CONFLICT DO NOTHING", source.index_id)
    _ensure_hnsw(source)
    if is_accelerated(source):
        return
    _run(
        f"DELETE FROM {TABLE} WHERE index_id = %s AND NOT EXISTS (SELECT FROM knowledge_document d"
        f" WHERE d.id = document_id AND d.index_id = {TABLE}.index_id AND d.status = %s)",
        source.index_id,
        DocumentStatus.EMBEDDED.value,
    )
    for document_id in _find_missing(source):
        if not _copy_document(source, document_id, until):
            return
    _run(f"ANALYZE {TABLE}")  # a planner that knows nothing of new rows sorts them all
    _run(
        f"UPDATE {STATE} SET revision = i.revision FROM knowledge_index i"
        f" WHERE {STATE}.index_id = i.id AND i.id = %s AND i.revision = %s",
        source.index_id,
        source.revision,
    )


def _ensure_hnsw(source: Source) -> None:
    """Made before most rows are there, so that each batch takes its share of the work. One that
    a killed process left unfinished is made anew."""
    name = _name(source.index_id)
    is_valid = _value("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", name)
    if is_valid:
        return
    _run(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    _run(
        f"CREATE INDEX CONCURRENTLY {name} ON {TABLE} USING hnsw"
        f" ((embedding::vector({source.dimensions})) vector_cosine_ops)"
        f" WHERE index_id = '{source.index_id}'"
    )


def _find_missing(source: Source) -> list[uuid.UUID]:
    """The embedded documents of which not every chunk is copied."""
    return _column(
        "SELECT d.id FROM knowledge_document d WHERE d.index_id = %s AND d.status = %s"
        f" AND d.chunk_count > (SELECT count(*) FROM {TABLE} v"
        "   WHERE v.index_id = d.index_id AND v.document_id = d.id) ORDER BY d.id",
        source.index_id,
        DocumentStatus.EMBEDDED.value,
    )


def _copy_document(source: Source, document_id: uuid.UUID, until: float) -> bool:
    """In batches, each committed by itself; False if time ran out. What is copied already stays."""
    position = -1
    while rows := _read_chunks(source, document_id, position):
        if time.monotonic() >= until:
            return False
        position = rows[-1][1]
        values = [
            (id, source.index_id, document_id, _text(np.frombuffer(vector, FLOAT)))
            for id, _, vector in rows
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", values
            )
    return True


def _read_chunks(
    source: Source, document_id: uuid.UUID, position: int
) -> list[tuple[uuid.UUID, int, bytes]]:
    """The next ones after `position`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, position, vector FROM knowledge_chunk WHERE document_id = %s"
            " AND position > %s AND octet_length(vector) = %s ORDER BY position LIMIT %s",
            [document_id, position, source.dimensions * FLOAT.itemsize, BATCH],
        )
        rows: list[tuple[uuid.UUID, int, bytes]] = cursor.fetchall()
    return rows


# -- spelling -----------------------------------------------------------------------------------
def _name(index_id: uuid.UUID) -> str:
    return f"{TABLE}_{index_id.hex}"


def _text(vector: Floats) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def _run(statement: str, *values: Value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _column(statement: str, *values: Value) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def _value(statement: str, *values: Value) -> Any:
    """The one value that it finds; None where there is no row."""
    return next(iter(_column(statement, *values)), None)
