"""The vendors' own SDKs, unmodified, against a live server: they are the judges."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.journeys.environments import python_with
from tests.journeys.live import ROOT

pytestmark = pytest.mark.journey
SDKS = [
    ("telnyx", "4.110.0", "telnyx==4.110.0", "pynacl"),
    ("telnyx", "4.189.0", "telnyx[webhooks]==4.189.0"),
    ("openai", "2.54.0", "openai==2.54.0"),
    ("openai", "3.52.0", "openai==3.52.0"),
    ("boto3", "1.44.5", "boto3==1.44.5"),
    ("azure", "1.0.0b9", "azure-ai-inference==1.0.0b9", "aiohttp"),
]


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: "-".join(sdk[:2]))
def test_the_sdk_works_unmodified(sdk: tuple[str, ...], credentials: Mapping[str, str]):
    vendor, version, *packages = sdk
    python = python_with(f"{vendor}-{version}", *packages)
    judge(python, ROOT / "tests" / "journeys" / "sdks" / vendor, credentials)


def judge(python: Path, folder: Path, told: Mapping[str, str], tests: str = "") -> None:
    """Run the tests of `folder`, or one file of them, in the SDK's environment; their report is the
    failure's message."""
    places = ["--rootdir", str(folder), "--confcutdir", str(folder), "-c", os.devnull]
    options = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    done = subprocess.run(
        [python, "-m", "pytest", *places, *options, str(folder / tests)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
