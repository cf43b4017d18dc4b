"""The house is in order: names stay in their rooms, modules stay small, tenants' rows stay apart.

`make walls` looks at imports; here is what an import linter cannot see.
"""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import models

from common.models import OwnedManager, OwnedRow, Unscoped

ROOT: Final = Path(__file__).resolve().parents[1]
VENDORS: Final = re.compile(r"\b(telnyx|quantcdn|quant|infrai|azure|dial|openai)\b", re.IGNORECASE)
MAY_NAME_VENDORS: Final = {
    "surfaces",
    "providers",
    "wire",
    "config",
    "docs",
    "tests",
    "benchmarks",
}
MOST_LINES: Final = 400
DATA: Final = {"providers/builtin/engine/plain_words.py"}
"""Word lists, which are long and have nothing to be split by."""
UNFOUND_NOUNS: Final = {"utils", "util", "helpers", "helper", "misc", "common"}


def _files(*endings: str) -> list[Path]:
    """Files of the repository, new ones too, that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(line) for line in listed.splitlines()]
    return [path for path in paths if path.suffix in endings and (ROOT / path).is_file()]


def _packages() -> set[str]:
    return {path.parts[0] for path in _files(".py") if len(path.parts) > 1}


def _linter() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    linter: dict[str, Any] = project["tool"]["importlinter"]
    return linter


def test_vendors_are_named_where_they_are_translated_and_nowhere_else():
    inside = _files(".py", ".html", ".js", ".css", ".toml", ".json")
    rooms = [path for path in inside if len(path.parts) > 1]
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in rooms
        if path.parts[0] not in MAY_NAME_VENDORS and not path.parts[0].startswith(".")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if VENDORS.search(line)
    ]
    assert found == []


def test_modules_are_small():
    long = {
        str(path): lines
        for path in _files(".py")
        if path.parts[0] != "tests" and "migrations" not in path.parts
        if (lines := len((ROOT / path).read_text().splitlines())) > MOST_LINES
    }
    assert long.keys() <= DATA, long


def test_modules_are_named_for_nouns():
    unnamed = [path for path in _files(".py") if path.stem in UNFOUND_NOUNS]
    assert unnamed == []


def test_every_module_says_what_lives_in_it():
    silent = [
        str(path)
        for path in _files(".py")
        if "migrations" not in path.parts and path.name not in {"__init__.py", "conftest.py"}
        if not (ROOT / path).read_text().lstrip().startswith(('"""', "#!", 'r"""'))
    ]
    assert silent == []


def test_every_package_is_known_to_the_import_linter():
    known = set(_linter()["root_packages"])
    assert _packages() - {"tests", "benchmarks"} == known


def test_every_floor_of_the_house_is_in_the_layers():
    [floors] = [c for c in _linter()["contracts"] if c["type"] == "layers"]
    named = {name.strip() for layer in floors["layers"] for name in layer.split("|")}
    assert named == set(_linter()["root_packages"])


@pytest.mark.parametrize("folder", ["surfaces", "providers"])
def test_every_vendor_s_folder_is_independent_of_the_others(folder: str):
    vendors = {
        f"{folder}.{path.parts[1]}"
        for path in _files(".py")
        if len(path.parts) > 2 and path.parts[0] == folder
        if path.parts[1] not in {"migrations", "management"}
    }
    [walls] = [
        set(contract["modules"])
        for contract in _linter()["contracts"]
        if contract["type"] == "independence" and contract["modules"][0].startswith(folder)
    ]
    assert walls == vendors


# -- tenants' rows ------------------------------------------------------------------------------
SHARED: Final = {"jobs.Job", "webhooks.EventCounter", "providers.Price"}
"""Models with an organisation that no tenant reads by itself, or whose rows may belong to none."""


def _ours() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] in _packages():
            yield model


def _has_organisation(model: type[models.Model]) -> bool:
    return any(field.name == "organisation" for field in model._meta.get_fields())


def test_every_model_of_a_tenant_is_an_owned_row():
    loose = {
        model._meta.label
        for model in _ours()
        if _has_organisation(model) and not issubclass(model, OwnedRow)
    }
    assert loose == SHARED


@pytest.mark.parametrize(
    "model", [m for m in _ours() if issubclass(m, OwnedRow)], ids=lambda m: m._meta.label
)
def test_an_owned_row_is_read_by_naming_its_tenant(model: type[OwnedRow]):
    assert isinstance(model.objects, OwnedManager)
    for read in (model.objects.all, model.objects.count, model.objects.first):
        with pytest.raises(Unscoped):
            read()
    asked = str(model.objects.for_organisation("01990000-0000-7000-8000-000000000000").query)
    assert '"organisation_id" = ' in asked
