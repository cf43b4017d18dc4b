"""What every test has: a database that threads can share, and no writer left behind.

With SQLite it is a file, for several threads cannot share one in memory. No commit waits for the
disk: what a crash keeps is tried with servers of their own, which do wait.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from common import group_commit
from tests.emptying import empty_quickly

_APART = ("journey", "browser", "chaos")
_BROKERED = ("journeys/test_chaos.py", "test_deployments.py", "journeys/test_knowledge.py")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    database = settings.DATABASES["default"]
    options = database["OPTIONS"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        place: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = place
        begun = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        options["init_command"] = begun
    else:
        options["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session", autouse=True)
def _storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that tests store are nobody's."""
    place: Path = tmp_path_factory.mktemp("data")
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": str(place / "files")}}
    with override_settings(DATA_DIR=place, STORAGES={**settings.STORAGES, "default": default}):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        empty_quickly(patch)
        yield
    group_commit.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts processes of its own stays in one worker, a file at a time. Those that ring each
    other's workers through one broker stand in one line."""
    for item in items:
        if any(item.get_closest_marker(name) for name in _APART):
            place = item.nodeid.partition("::")[0]
            group = "broker" if place.endswith(_BROKERED) else place
            item.add_marker(pytest.mark.xdist_group(group))
