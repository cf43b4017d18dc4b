"""How far a person at the admin reaches: which organisations, and with which role in each.

Viewers look; members also write conversations' and insights' rows; admins also write settings,
providers, keys and webhooks; owners also members. Superusers run the whole deployment.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest

from organisations.actor import Actor
from organisations.models import Membership, Role, User

_RANK = {role: rank for rank, role in enumerate(reversed(Role))}


@dataclass(frozen=True, slots=True)
class Reach:
    """Organisations in which somebody has at least some role; all of them if `everywhere`.

    What belongs to no organisation is reached only from everywhere.
    """

    ids: frozenset[uuid.UUID] = frozenset()
    everywhere: bool = False

    def __contains__(self, organisation_id: uuid.UUID | None) -> bool:
        return self.everywhere or organisation_id in self.ids

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.ids)

    def narrow[M: models.Model](
        self, rows: models.QuerySet[M], path: str = "organisation_id"
    ) -> models.QuerySet[M]:
        """Those of `rows` whose organisation, at `path`, is reached."""
        return rows if self.everywhere else rows.filter(**{f"{path}__in": self.ids})


@dataclass(frozen=True, slots=True)
class Roles:
    """What a person is, in each of their organisations."""

    held: Mapping[uuid.UUID, Role] = field(default_factory=dict)
    everywhere: bool = False

    def reach(self, least: Role = Role.VIEWER) -> Reach:
        ids = (owner for owner, role in self.held.items() if _RANK[role] >= _RANK[least])
        return Reach(frozenset(ids), self.everywhere)


def roles_of(user: User | AnonymousUser) -> Roles:
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Roles()
    if user.is_superuser:
        return Roles(everywhere=True)
    rows = Membership.unscoped.filter(user=user).values_list("organisation_id", "role")
    return Roles({owner: Role(role) for owner, role in rows})


def reach(request: HttpRequest, least: Role = Role.VIEWER) -> Reach:
    """The reach of whoever sends `request`; their memberships are looked up once a request."""
    known: dict[str, Any] = request.__dict__
    if "_roles" not in known:
        known["_roles"] = roles_of(request.user)
    roles: Roles = known["_roles"]
    return roles.reach(least)


def acting(request: HttpRequest, organisation_id: uuid.UUID) -> Actor:
    """The person at the admin, acting in one organisation."""
    user = request.user
    assert isinstance(user, User)
    return Actor(organisation_id=organisation_id, name=user.email, user_id=user.pk)
