"""What a server that others reach must not do (colloquy.E0xx).

Others reach it when HOST is not a loopback address: then each of these is an error and nothing
starts. Behind a proxy on this machine they are warnings of `manage.py check --deploy`.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

DEBUGGING: Final = "colloquy.E001"
ANY_HOST: Final = "colloquy.E002"
WEAK_SECRET: Final = "colloquy.E003"
WEAK_RING: Final = "colloquy.E004"
OPEN_NETWORKS: Final = "colloquy.E005"
BAD_NETWORK: Final = "colloquy.E006"
MIGHTY_ROLE: Final = "colloquy.E007"
FORGETFUL: Final = "colloquy.E008"

LEAST_SECRET: Final = 32  # characters
LEAST_SIGNS: Final = 8  # different ones among them
KEY_BYTES: Final = 32


def check_served(**_: object) -> list[CheckMessage]:
    """Of a server that others reach."""
    return [*_check_networks(), *(_errors(_faults()) if is_public(settings.HOST) else ())]


def check_deployed(**_: object) -> list[CheckMessage]:
    """Of `check --deploy`, where a proxy on this machine may let others in."""
    return [] if is_public(settings.HOST) else [Warning(said, id=id) for id, said in _faults()]


def check_database(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Of the role and the durability that the database gives us; asked of PostgreSQL alone."""
    faults = [
        fault
        for alias in databases or ()
        if connections[alias].vendor == "postgresql"
        for fault in _database_faults(alias)
    ]
    if is_public(settings.HOST):
        return _errors(faults)
    return [Warning(said, id=id) for id, said in faults if id == FORGETFUL]


def is_public(host: str) -> bool:
    """A name other than localhost may lead anywhere."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host != "localhost"


def _errors(faults: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> list[CheckMessage]:
    return [Error(said, id=id) for id, said in faults]


def _faults() -> Iterator[tuple[str, str]]:
    if settings.DEBUG:
        yield DEBUGGING, "DEBUG shows code and settings to whoever causes an error"
    if any(host == "*" or host.lstrip(".") == "" for host in settings.ALLOWED_HOSTS):
        yield ANY_HOST, "ALLOWED_HOSTS takes any host; name those that this server answers to"
    if _is_weak(settings.SECRET_KEY):
        yield WEAK_SECRET, f"SECRET_KEY needs {LEAST_SECRET} random characters"
    for name, key in settings.ENCRYPTION_KEYS.items():
        if len(key) < KEY_BYTES or len(set(key)) < LEAST_SIGNS:
            yield WEAK_RING, f"key '{name}' of ENCRYPTION_KEYS is not {KEY_BYTES} random bytes"
    for text in settings.ALLOW_PRIVATE_NETWORKS:
        if text.endswith("/0"):
            yield OPEN_NETWORKS, f"ALLOW_PRIVATE_NETWORKS opens every address ({text})"


def _is_weak(secret: str) -> bool:
    """Too short, too even, or the one that Django writes into a new project."""
    return (
        len(secret) < LEAST_SECRET
        or len(set(secret)) < LEAST_SIGNS
        or secret.startswith("django-insecure-")
    )


def _check_networks() -> Iterator[CheckMessage]:
    for text in settings.ALLOW_PRIVATE_NETWORKS:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            yield Error(f"ALLOW_PRIVATE_NETWORKS: {error}", id=BAD_NETWORK)


def _database_faults(alias: str) -> Iterator[tuple[str, str]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls, current_setting('synchronous_commit') = 'off'"
            " FROM pg_roles WHERE rolname = current_user"
        )
        is_mighty, is_forgetful = cursor.fetchone()
    if is_mighty:
        yield MIGHTY_ROLE, "the database role is a superuser or bypasses row security"
    if is_forgetful:
        yield FORGETFUL, "synchronous_commit is off: what was accepted could be lost"
