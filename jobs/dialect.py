"""The few words in which the databases differ, for the statements of `jobs.queue`."""

import uuid
from abc import ABC, abstractmethod

from django.db import connection


class Words(ABC):
    """SQL of one database: its clock, its row locks, and how it holds an id."""

    now: str
    skip_locked: str

    @abstractmethod
    def later(self, seconds: str) -> str: ...

    @abstractmethod
    def seconds_until(self, moment: str) -> str: ...

    @abstractmethod
    def key(self, id: uuid.UUID) -> uuid.UUID | str: ...


class PostgreSQL(Words):
    now = "statement_timestamp()"
    skip_locked = "FOR UPDATE SKIP LOCKED"

    def later(self, seconds: str) -> str:
        return f"statement_timestamp() + {seconds} * interval '1 second'"

    def seconds_until(self, moment: str) -> str:
        return f"extract(epoch FROM {moment} - statement_timestamp())"

    def key(self, id: uuid.UUID) -> uuid.UUID | str:
        return id


class SQLite(Words):
    """A statement that writes holds the one write lock from its start: no row needs another.

    Its clock counts milliseconds while columns hold microseconds as text: now is the millisecond's
    end, so that what was written just before is not in the future.
    """

    now = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now') || '999'"
    skip_locked = ""

    def later(self, seconds: str) -> str:
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', ({seconds}) || ' seconds') || '000'"

    def seconds_until(self, moment: str) -> str:
        """0 exactly for what a claim would take as due."""
        wait = f"(julianday({moment}) - julianday('now')) * 86400.0"
        return f"CASE WHEN {moment} <= {self.now} THEN 0.0 ELSE max({wait}, 0.001) END"

    def key(self, id: uuid.UUID) -> uuid.UUID | str:
        return id.hex


POSTGRESQL = PostgreSQL()
SQLITE = SQLite()


def words() -> Words:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE
