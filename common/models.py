"""The abstract row that belongs to an organisation, and the manager that asks for it first."""

import uuid
from typing import Any, ClassVar, Self

from django.db import models

from common import clock, ids


class Unscoped(RuntimeError):
    """A tenant's table was read without naming the tenant."""


class OwnedManager[M: models.Model](models.Manager[M]):
    """Reads start at `for_organisation`; anything that would see every tenant's rows raises."""

    def for_organisation(self, organisation: uuid.UUID | models.Model) -> models.QuerySet[M]:
        owner = organisation.pk if isinstance(organisation, models.Model) else organisation
        return super().get_queryset().filter(organisation_id=owner)

    def get_queryset(self) -> models.QuerySet[M]:
        raise Unscoped(f"read {self.model.__name__} with for_organisation()")

    def create(self, **values: Any) -> M:
        return super().get_queryset().create(**values)

    def bulk_create(self, *args: Any, **options: Any) -> list[M]:
        return super().get_queryset().bulk_create(*args, **options)


class Row(models.Model):
    """A row with a time-ordered UUID."""

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True


class OwnedRow(Row):
    """A row of one organisation. `unscoped` is for the engine, the admin and migrations."""

    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="+"
    )

    objects: ClassVar[OwnedManager[Self]] = OwnedManager()
    unscoped: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"
