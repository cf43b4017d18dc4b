"""What the pages tell a reader to type works, typed as it stands.

All `sh` blocks of a page are one session with a live server. `make run` is left out, for another
journey runs it; the address, and the key where a page leaves it open, are those of the server here.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.docs.blocks import PAGES, Block, find_blocks
from tests.journeys.environments import python_with
from tests.journeys.live import ROOT, Deployment, deployment

pytestmark = pytest.mark.journey

ADDRESS: Final = "http://127.0.0.1:8000"
KEYS_LEFT_OPEN: Final = ("cq_...", '"…"')
SDKS: Final = {
    "from openai import": ("openai-3.52.0", "openai==3.52.0"),
    "from telnyx import": ("telnyx-4.189.0", "telnyx[webhooks]==4.189.0"),
    "from azure.ai": ("azure-1.0.0b9", "azure-ai-inference==1.0.0b9", "aiohttp"),
    "import boto3": ("boto3-1.44.5", "boto3==1.44.5"),
    "import telnyx": ("telnyx-4.189.0", "telnyx[webhooks]==4.189.0"),
}
SEEN: Final = {
    "README.md": ['"content":"Hello"'],
    "docs/tutorial.md": [
        '"status": "completed"',
        '"state": "found"',
        '"quote": "HH-204817"',
        '"document_chunk":"A parcel that',
    ],
    "docs/webhooks.md": ['"data":['],
}
"""What a reader of the page sees on the way."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a running server and its key."""

    place: Deployment
    key: str

    def type(self, text: str) -> str:
        text = text.replace(ADDRESS, self.place.url)
        for open_key in KEYS_LEFT_OPEN:
            text = text.replace(open_key, self.key if open_key[0] != '"' else f'"{self.key}"')
        return text

    @property
    def environment(self) -> dict[str, str]:
        python = Path(sys.executable).parent
        return {
            **os.environ,
            **self.place.env,
            "PORT": str(self.place.port),
            "PATH": f"{python}:{os.environ['PATH']}",
            "HOST": self.place.url,
            "KEY": self.key,
            "AUTH": f"Authorization: Bearer {self.key}",
        }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    place = deployment(tmp_path_factory.mktemp("docs"))
    place.manage("migrate", "--verbosity", "0")
    place.manage("create_organisation", "demo")
    with place.serving():
        yield Reader(place, place.manage("create_api_key", "demo"))


def _session(page: Path) -> list[Block]:
    blocks = find_blocks(page, "sh")
    return [block for block in blocks if not block.not_run and block.code != "make run"]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if _session(page)], ids=_name)
def test_the_page_s_commands_work_in_order(page: Path, reader: Reader):
    script = "\n".join(f"# {block.name}\n{reader.type(block.code)}" for block in _session(page))
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail"],
        input=script,
        cwd=ROOT,
        env=_manageable(reader.environment, script),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for sign in SEEN.get(_name(page), []):
        assert sign in done.stdout, done.stdout[-3000:]


def _manageable(environment: dict[str, str], script: str) -> dict[str, str]:
    """HOST is an address to pages with `curl`, and where to listen to those that manage."""
    if "manage.py" in script:
        return {**environment, "HOST": "127.0.0.1"}
    return environment


@pytest.mark.parametrize(
    "block",
    [b for page in PAGES for b in find_blocks(page, "python") if not b.not_run],
    ids=lambda block: block.name,
)
def test_the_page_s_program_runs_with_the_vendor_s_sdk(block: Block, reader: Reader):
    [sdk] = {sdk for words, sdk in SDKS.items() if words in block.code}
    done = subprocess.run(
        [python_with(*sdk), "-c", reader.type(block.code)],
        env=reader.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
