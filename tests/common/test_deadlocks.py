"""Of two transactions that wait for each other, the one that PostgreSQL ends is begun again."""

import pytest
from django.db import OperationalError, transaction

from common.deadlocks import TIMES, again_after_deadlock

pytestmark = pytest.mark.django_db(transaction=True)


class Ended(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("ended")
        self.sqlstate = sqlstate


class Work:
    """Fails so often, with such a state."""

    def __init__(self, failures: int, sqlstate: str = "40P01") -> None:
        self.calls, self.failures, self.sqlstate = 0, failures, sqlstate

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise OperationalError("ended") from Ended(self.sqlstate)
        return "done"


def run(work: Work) -> str:
    return again_after_deadlock(lambda: work())()


def test_what_a_deadlock_ended_is_done_again():
    work = Work(failures=2)
    assert (run(work), work.calls) == ("done", 3)


def test_it_is_not_tried_forever():
    work = Work(failures=TIMES)
    with pytest.raises(OperationalError):
        run(work)
    assert work.calls == TIMES


def test_other_errors_are_nobodys_to_repeat():
    work = Work(failures=1, sqlstate="57014")
    with pytest.raises(OperationalError):
        run(work)
    assert work.calls == 1


def test_a_part_of_a_greater_transaction_is_not_repeated():
    work = Work(failures=1)
    with pytest.raises(OperationalError), transaction.atomic():
        run(work)
    assert work.calls == 1
