"""Model fields of our own."""

from typing import TYPE_CHECKING, Any

from django.db import models

from common.secrets import SEALED, Secret, seal, unseal


class SealedAttribute:
    """Reads as `Secret`; opens the stored text only when asked, with the row's own context."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        held = row.__dict__.get(self.field.attname, "")
        if isinstance(held, str) and held.startswith(SEALED):
            held = Secret(unseal(held, self.field.context(row)))
            row.__dict__[self.field.attname] = held
        return held

    def __set__(self, row: models.Model, value: str | Secret | None) -> None:
        sealed = isinstance(value, str) and value.startswith(SEALED)
        held = value if sealed or isinstance(value, Secret) else Secret(value or "")
        row.__dict__[self.field.attname] = held


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text sealed at rest, bound to organisation, table, row and field. Reads as `Secret`."""

    if TYPE_CHECKING:  # what the checker's plugin reads
        _pyi_private_set_type: str | Secret  # type: ignore[assignment]
        _pyi_private_get_type: Secret  # type: ignore[assignment]

    descriptor_class = SealedAttribute

    def context(self, row: models.Model) -> str:
        owner = getattr(row, "organisation_id", "")
        return f"{owner}/{row._meta.db_table}/{row.pk}/{self.attname}"

    def pre_save(self, row: models.Model, add: bool) -> str:
        secret: Secret = getattr(row, self.attname)
        return seal(secret.reveal(), self.context(row)) if secret else ""

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Secret) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.reveal() if isinstance(value, Secret) else value
