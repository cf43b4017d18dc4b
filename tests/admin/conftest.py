"""Two organisations with a row in every table, and people of every role who look at them."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from organisations.models import Membership, Organisation, Role, User
from tests.admin.world import World, build

type SignIn = Callable[..., Client]


@pytest.fixture
def acme(db) -> World:
    return build("acme")


@pytest.fixture
def other(db) -> World:
    return build("other")


@pytest.fixture
def sign_in(db) -> SignIn:
    """A browser of somebody with these roles: `sign_in(acme=Role.VIEWER)`."""

    def make(*, superuser: bool = False, **roles: Role) -> Client:
        name = "-".join(f"{slug}.{role}" for slug, role in roles.items())
        email = f"{name or ('root' if superuser else 'nobody')}@example.com"
        user = User.objects.create_user(email, "x", is_staff=True, is_superuser=superuser)
        for slug, role in roles.items():
            organisation = Organisation.objects.get(slug=slug)
            Membership.unscoped.create(organisation=organisation, user=user, role=role)
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def owner(acme: World, sign_in: SignIn) -> Client:
    return sign_in(acme=Role.OWNER)


@pytest.fixture(autouse=True)
def fast_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()
