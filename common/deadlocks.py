"""Transactions that wait for each other: PostgreSQL ends one of them, and it is begun again."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.db import OperationalError, connection

TIMES: Final = 5
"""A transaction is begun at most so often."""
DEADLOCK: Final = "40P01"


def again_after_deadlock[**P, R](transaction: Callable[P, R]) -> Callable[P, R]:
    """For a function that is one transaction, and changes nothing else. Called within a greater
    one, it leaves that to decide."""

    @wraps(transaction)
    def begun_again(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TIMES - 1):
            try:
                return transaction(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not is_deadlock(error):
                    raise
        return transaction(*args, **kwargs)

    return begun_again


def is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == DEADLOCK
