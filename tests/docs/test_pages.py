"""The pages point at what is there: files, headings, settings, `make` targets, commands."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.blocks import PAGES
from tests.journeys.live import ROOT

ALL_PAGES: Final = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md"))]
LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MAKE: Final = re.compile(r"`make ([a-z-]+)")
FENCED_MAKE: Final = re.compile(r"^make ([a-z-]+)", re.MULTILINE)
PATH: Final = re.compile(r"`((?:[a-z_]+/)+[\w.*/-]*)`")
READ: Final = re.compile(r"""env_\w+\(\s*["'](\w+)["']""")
EXAMPLE: Final = re.compile(r"^([A-Z_]+)=", re.MULTILINE)
SETTING: Final = re.compile(r"`([A-Z][A-Z_]+)(?:=[^`]*)?`")
COMMAND: Final = re.compile(r"manage\.py ([a-z_]+)")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _settings() -> set[str]:
    return set(READ.findall((ROOT / "config" / "settings.py").read_text()))


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_links_lead_to_files(page: Path):
    relative = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    targets = [link.partition("#")[0] for link in relative if not link.startswith("#")]
    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_links_to_headings_lead_to_one(page: Path):
    links = [link for link in LINK.findall(page.read_text()) if "#" in link and "://" not in link]
    for link in links:
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_files_that_are_named_exist(page: Path):
    named = [path for path in PATH.findall(page.read_text()) if not path.startswith("ai/")]
    ours = [path for path in named if (ROOT / path.split("/")[0]).is_dir()]
    assert [path for path in ours if not list(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_make_targets_that_are_named_exist(page: Path):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {*MAKE.findall(text), *FENCED_MAKE.findall(text)} <= targets


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_commands_that_are_named_exist(page: Path):
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    assert set(COMMAND.findall(page.read_text())) <= commands | {
        "migrate",
        "check",
        "makemigrations",
    }


def test_every_setting_stands_in_the_example_and_no_other():
    example = set(EXAMPLE.findall((ROOT / ".env.example").read_text()))
    assert example == _settings()


@pytest.mark.parametrize("page", ALL_PAGES, ids=_name)
def test_settings_that_are_named_exist(page: Path):
    known = _settings() | OTHERS
    named = {name for name in SETTING.findall(page.read_text()) if "_" in name or name in known}
    tests_own = {name for name in named if name.startswith("TEST_")}
    assert named - tests_own <= known


OTHERS: Final = {
    # tables of the plugboard
    "REACTIONS", "SURFACES", "PROVIDERS", "SERVER_TOOLS", "WORKFLOWS", "WEBHOOK_DIALECTS", "JOBS",
    # Django's own
    "MIDDLEWARE", "INSTALLED_APPS", "EMAIL_BACKEND",
}  # fmt: skip
