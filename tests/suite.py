"""`make test`: the whole suite on SQLite, then on PostgreSQL what a database can make different.

`TEST_POSTGRES_URL` names a server where databases may be made; unset, the local one is tried.
"""

import os
import subprocess
import sys

import psycopg

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
PROVIDERS = ("anthropic", "azure", "bedrock", "builtin", "dial", "gemini", "telnyx")
# What asks no database, or asks it for a key and no more.
SAME_EVERYWHERE = [
    "tests/vocabulary",
    "tests/wire",
    "tests/docs",
    *(f"tests/providers/{kind}" for kind in PROVIDERS),
    "tests/providers/test_openai_adapter.py",
    "tests/providers/test_sound_adapters.py",
    "tests/common/test_addresses.py",
    "tests/common/test_audio.py",
    "tests/common/test_downloads.py",
    "tests/common/test_http.py",
    "tests/common/test_programs.py",
    "tests/config/test_heads.py",
    "tests/inference/test_structured.py",
    "tests/knowledge/reading",
    "tests/knowledge/test_chunking.py",
    "tests/knowledge/test_search_quality.py",
    "tests/surfaces/test_door.py",
    "tests/surfaces/test_openapi.py",
    "tests/surfaces/s3/test_payloads.py",
    "tests/surfaces/s3/test_signatures.py",
    "tests/surfaces/s3/translate",
    "tests/surfaces/telnyx/translate",
]
# More than there may be cores: one that starts servers and kills them mostly waits.
IN_PARALLEL = ["-n", "3", "--dist", "loadgroup"]


def main() -> int:
    failed = _pytest([])
    if (reason := _missing_postgres()) is not None:
        print(f"skipped on PostgreSQL: {reason}")
        return failed
    ignored = [f"--ignore={path}" for path in SAME_EVERYWHERE]
    marks = ["-m", "not journey and not chaos and not browser"]
    return failed or _pytest([*ignored, *marks], DATABASE_URL=POSTGRES)


def _pytest(arguments: list[str], **more: str) -> int:
    """The tests start many processes, which are compiled once, not each time."""
    command = [sys.executable, "-m", "pytest", "-q", *IN_PARALLEL, *arguments, *sys.argv[1:]]
    environment = {**os.environ, **more}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, env=environment).returncode


def _missing_postgres() -> str | None:
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


if __name__ == "__main__":
    sys.exit(main())
