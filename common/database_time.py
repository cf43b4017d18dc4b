"""The database's clock, for times that must be right even where this machine's clock is not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from common import clock


@dataclass(frozen=True, slots=True)
class DatabaseTime:
    """What the database's clock showed, `at`, when our monotonic one stood at `mark`."""

    at: datetime
    mark: float

    @classmethod
    def read(cls, at: datetime) -> "DatabaseTime":
        """Take up `at`, which a query has just brought (`annotate(now=Now())`)."""
        return cls(at, clock.monotonic())

    def now(self) -> datetime:
        """What the database's clock shows now, without asking it again."""
        return self.at + timedelta(seconds=clock.monotonic() - self.mark)
