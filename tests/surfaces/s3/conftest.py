"""Clients with a key that signs."""

import httpx
import pytest
from django.test import override_settings

from common.db import in_thread
from organisations.actor import EVERYTHING, Actor, system
from organisations.services import create_access_key, create_organisation
from tests.surfaces.s3.signer import Client, Signer


def make_signer(actor: Actor, *scopes: str) -> Signer:
    key, secret = create_access_key(actor, scopes=scopes or (EVERYTHING,))
    return Signer(key=key.prefix, secret=secret.reveal())


@pytest.fixture
async def actor(transactional_db: None) -> Actor:
    with override_settings(FOUNDATIONS=[]):
        return system((await in_thread(create_organisation, "ours")).pk)


@pytest.fixture
async def s3(server: httpx.AsyncClient, actor: Actor) -> Client:
    return Client(server, await in_thread(make_signer, actor))
