"""Every dependency has its one line in the docs, which says why it is there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NAME = re.compile(r"[A-Za-z0-9_.-]+")
ROW = re.compile(r"^\| ([A-Za-z0-9_.-]+)(?: \(.*?\))? \|", re.MULTILINE)


def test_every_dependency_has_one_line_and_no_line_is_of_another():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = sorted(NAME.match(each)[0].lower() for group in groups for each in group)
    rows = ROW.findall((ROOT / "docs/dependencies.md").read_text())
    assert sorted(row.lower() for row in rows if row != "package") == wanted
