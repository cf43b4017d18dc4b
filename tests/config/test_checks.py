"""System checks: rows of the plugboard that do not fit, and servers that must not start."""

from typing import Any

import pytest
from django.core.checks import Error, Tags, Warning, run_checks
from django.db import connection

from config.checks.plugboard import MISSING, UNFIT, UNKNOWN_DEFAULT, check_plugboard
from config.checks.production import (
    ANY_HOST,
    BAD_NETWORK,
    DEBUGGING,
    OPEN_NETWORKS,
    WEAK_RING,
    WEAK_SECRET,
    check_database,
    check_deployed,
    check_served,
    is_public,
)


class Halfway:
    """A handler that cannot finish."""

    limit = 1

    def load(self, claims: Any) -> Any: ...

    def perform(self, work: Any) -> Any: ...

    def commit(self, outcomes: Any) -> Any: ...

    def bury(self, claims: Any) -> Any: ...


def broken() -> None:
    raise RuntimeError("nothing comes of it")


async def later(run: Any) -> None: ...


HERE = "tests.config.test_checks"


def test_the_plugboard_as_it_is_has_no_fault():
    assert check_plugboard() == []


@pytest.mark.parametrize(
    ("table", "row", "id"),
    [
        ("SURFACES", {"x": "surfaces.nowhere.urls"}, MISSING),
        ("SURFACES", {"x": f"{HERE}"}, MISSING),
        ("PROVIDERS", {"x": "providers.nowhere.Adapter"}, MISSING),
        ("PROVIDERS", {"x": f"{HERE}.Halfway"}, UNFIT),
        ("PROVIDERS", {"x": f"{HERE}.broken"}, UNFIT),
        ("JOBS", {"x": f"{HERE}.Halfway"}, UNFIT),
        ("JOBS", {"x": "datetime.timedelta"}, UNFIT),
        ("WORKFLOWS", {"x": f"{HERE}.broken"}, UNFIT),
        ("WORKFLOWS", {"x": f"{HERE}.later"}, UNFIT),
        ("WEBHOOK_DIALECTS", {"telnyx": f"{HERE}.Halfway"}, UNFIT),
        ("WEBHOOK_DIALECTS", {}, UNKNOWN_DEFAULT),
        ("REACTIONS", {"x": [f"{HERE}.broken"]}, UNFIT),
        ("FOUNDATIONS", [f"{HERE}.broken"], UNFIT),
        ("PERIODIC", {"x": (0, f"{HERE}.broken")}, UNFIT),
        ("PERIODIC", {"x": (1, f"{HERE}.later")}, UNFIT),
        ("SERVER_TOOLS", {"x": "math.pi"}, UNFIT),
    ],
)
def test_a_row_that_does_not_fit_is_named(table: str, row: Any, id: str, settings: Any):
    setattr(settings, table, row)
    found = check_plugboard()
    assert {error.id for error in found} == {id}
    assert all(table in error.msg for error in found)


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("::1", False),
        ("[::1]", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.5", True),
        ("chat.example.com", True),
    ],
)
def test_a_server_is_public_unless_it_listens_on_loopback(host: str, public: bool):
    assert is_public(host) is public


def strong(settings: Any) -> None:
    settings.HOST = "0.0.0.0"
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    settings.SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
    settings.ENCRYPTION_KEYS = {"a": bytes(range(32))}
    settings.ALLOW_PRIVATE_NETWORKS = ["10.0.0.0/8"]
    settings.DEBUG = False


FAULTS = [
    ("DEBUG", True, DEBUGGING),
    ("ALLOWED_HOSTS", ["*"], ANY_HOST),
    ("ALLOWED_HOSTS", ["."], ANY_HOST),
    ("SECRET_KEY", "changeme", WEAK_SECRET),
    ("SECRET_KEY", "a" * 60, WEAK_SECRET),
    ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnop", WEAK_SECRET),
    ("ENCRYPTION_KEYS", {"a": b"short"}, WEAK_RING),
    ("ENCRYPTION_KEYS", {"a": bytes(32)}, WEAK_RING),
    ("ALLOW_PRIVATE_NETWORKS", ["0.0.0.0/0"], OPEN_NETWORKS),
    ("ALLOW_PRIVATE_NETWORKS", ["::/0"], OPEN_NETWORKS),
]


def test_a_public_server_that_is_set_up_well_starts(settings: Any):
    strong(settings)
    assert check_served() == []


@pytest.mark.parametrize(("name", "value", "id"), FAULTS)
def test_a_public_server_does_not_start_with(name: str, value: Any, id: str, settings: Any):
    strong(settings)
    setattr(settings, name, value)
    [found] = check_served()
    assert isinstance(found, Error)
    assert found.id == id


@pytest.mark.parametrize(("name", "value", "id"), FAULTS)
def test_behind_a_proxy_it_is_a_warning_of_the_deploy_check(
    name: str, value: Any, id: str, settings: Any
):
    strong(settings)
    settings.HOST = "127.0.0.1"
    setattr(settings, name, value)
    assert check_served() == []
    [found] = check_deployed()
    assert isinstance(found, Warning)
    assert found.id == id


def test_a_network_that_is_none_is_refused_everywhere(settings: Any):
    settings.ALLOW_PRIVATE_NETWORKS = ["10.0.0.1/8"]
    assert [error.id for error in check_served()] == [BAD_NETWORK]


def test_the_checks_are_registered(settings: Any):
    strong(settings)
    settings.DEBUG = True
    assert DEBUGGING in {message.id for message in run_checks(tags=[Tags.security])}


@pytest.mark.django_db
def test_a_superuser_is_no_role_for_a_public_server(settings: Any):
    strong(settings)
    found = check_database(databases=["default"])
    if connection.vendor != "postgresql":
        assert found == []
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
        cursor.execute("SET LOCAL synchronous_commit = off")
    expected = {"colloquy.E008", *(["colloquy.E007"] if is_superuser else [])}
    assert {error.id for error in check_database(databases=["default"])} == expected
