"""The ways a deployment can be put together: embedded, or PostgreSQL with a broker."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


def broker(name: str) -> Mapping[str, str]:
    """The environment that chooses this broker; skips where nothing answers."""
    parts = urlsplit(BROKERS[name])
    with socket.socket() as probe:
        if probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 0)):
            pytest.skip(f"no {name} at {parts.hostname}:{parts.port}")
    return {"CELERY_BROKER_URL": BROKERS[name]}


@contextmanager
def postgres(name: str) -> Iterator[Mapping[str, str]]:
    """The environment that chooses an empty database; skips where there is no server."""
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(
            POSTGRES, autocommit=True, connect_timeout=3
        )
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    with connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {"DATABASE_URL": POSTGRES.rpartition("/")[0] + f"/{name}"}
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
