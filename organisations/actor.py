"""Who is asking: the organisation, the credential and its rights, as a plain value."""

import uuid
from dataclasses import dataclass, field

from vocabulary.errors import Forbidden

EVERYTHING = "*"
SCOPES = ("read", "write", "inference", EVERYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An authenticated caller. The organisation comes from the credential and nowhere else."""

    organisation_id: uuid.UUID
    name: str
    scopes: frozenset[str] = field(default_factory=lambda: frozenset({EVERYTHING}))
    key_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes or EVERYTHING in self.scopes

    def require(self, scope: str) -> None:
        """Raise `Forbidden` unless this caller may do `scope`."""
        if not self.may(scope):
            raise Forbidden(f"this API key lacks the scope '{scope}'")


def system(organisation_id: uuid.UUID, name: str = "system") -> Actor:
    """The server itself, working for an organisation."""
    return Actor(organisation_id=organisation_id, name=name)
