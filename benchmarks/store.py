"""A database of the run's own, with an organisation, a key and a provider in it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
from psycopg import sql

POSTGRES: Final = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
WANTED: Final = os.environ.get("BENCH_DATABASE") != "sqlite"
_NAME: Final = f"colloquy_bench_{os.getpid()}"


@contextmanager
def store() -> Iterator[Mapping[str, str]]:
    """The environment of a server with an empty, migrated database: PostgreSQL, else SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"DATA_DIR": folder, "ALLOW_PRIVATE_NETWORKS": "127.0.0.0/8", "SEED_DEMO": "0"}
        with _database() as url:
            if url is not None:
                env["DATABASE_URL"] = url
            manage(env, "migrate", "--verbosity", "0")
            yield env


@contextmanager
def _database() -> Iterator[str | None]:
    """The URL of a PostgreSQL database that is this run's alone, gone afterwards; None without."""
    if not WANTED or not _ask("CREATE DATABASE {}"):
        yield None
        return
    try:
        yield POSTGRES.rpartition("/")[0] + f"/{_NAME}"
    finally:
        _ask("DROP DATABASE {} WITH (FORCE)")


def _ask(statement: LiteralString) -> bool:
    """Whether there is a server that did it."""
    try:
        with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(_NAME)))
    except psycopg.OperationalError:
        return False
    return True


def manage(env: Mapping[str, str], *command: str) -> str:
    """What a management command prints."""
    return _run(env, "manage.py", *command)


def _run(env: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **env},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.strip()


def make_tenant(env: Mapping[str, str], upstream_port: int) -> str:
    """An organisation `bench` whose model `mock/bench-1` is the canned upstream; its API key."""
    manage(env, "create_organisation", "bench", "--insight-model", "mock/bench-1")
    manage(
        env,
        "create_provider",
        "bench",
        *("--kind", "openai", "--name", "mock", "--api-key", "none", "--models", "bench-1"),
        *("--base-url", f"http://127.0.0.1:{upstream_port}/v1"),
    )
    return manage(env, "create_api_key", "bench")


def make_conversations(env: Mapping[str, str], count: int, messages: int) -> list[str]:
    """The ids of that many conversations of the tenant, with so many messages each."""
    command = ("-m", "benchmarks.conversations", str(count), str(messages))
    return _run(env, *command).split()
