"""The one way adapters call: through the door, with errors that say whose they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from common import clock
from common.http import send
from providers.protocols import Account
from providers.replies import decode_error
from vocabulary.errors import UpstreamError
from wire.http import HttpCall, Reply

type ErrorReading = Callable[[Reply, str, datetime], UpstreamError]
"""As `decode_error`."""


@contextmanager
def naming(account: Account) -> Iterator[None]:
    """Errors say which account they come from."""
    try:
        yield
    except UpstreamError as error:
        error.provider = error.provider or account.name
        raise


async def fetch(call: HttpCall, account: Account, meaning: ErrorReading = decode_error) -> Reply:
    """The reply, if it is a success; else raises what it means."""
    reply = await send(call)
    if reply.status != 200:
        raise meaning(reply, account.name, clock.now())
    return reply
