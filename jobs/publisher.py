"""Sends rings through the broker from a thread of its own, so that nobody ever waits for one.

Only the newest unsent ring is kept: one wakes a worker, which then takes all that is due. A broker
that does not answer within two seconds loses the ring, and one that keeps failing is left alone for
a while. Either is only counted.
"""

import logging
import threading
import uuid
from contextlib import suppress
from functools import cached_property

from celery import Celery
from django.conf import settings
from kombu import Connection
from prometheus_client import Counter

from common import clock

logger = logging.getLogger(__name__)
RING = "jobs.ring"
TIMEOUT = 2.0  # seconds; for connecting, reading and writing each
EXPIRES = 60.0  # seconds after which nobody need hear a ring
PACE = 0.05  # seconds between two rings
FIRST_REST, LONGEST_REST = 1.0, 30.0  # seconds without rings after a failure

RINGS = Counter("colloquy_rings", "Rings of the doorbell, by what came of them", ["outcome"])


class Breaker:
    """Opens for a while after a failure, twice as long after each in a row."""

    def __init__(self) -> None:
        self._rest = 0.0
        self._open_until = 0.0

    def allows(self) -> bool:
        return clock.monotonic() >= self._open_until

    def fail(self) -> None:
        self._rest = min(2 * self._rest or FIRST_REST, LONGEST_REST)
        self._open_until = clock.monotonic() + self._rest

    def succeed(self) -> None:
        self._rest = 0.0


class Line:
    """One connection to the broker, made when it is needed. Only its thread may use it."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def send(self, job_id: uuid.UUID) -> None:
        """Raises whatever the broker's client does."""
        if self._connection is None:
            self._connection = self._app.connection_for_write(
                connect_timeout=TIMEOUT, transport_options=_transport_options()
            )
        with self._connection.Producer() as producer:
            self._app.send_task(
                RING, (str(job_id),), producer=producer, expires=EXPIRES, retry=False
            )

    def hang_up(self) -> None:
        """Forget the connection; what is wrong with it may also keep it from being closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.release()

    @cached_property
    def _app(self) -> Celery:
        app = Celery("doorbell", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        return app


class Publisher:
    """Starts its thread at the first ring of the process."""

    def __init__(self) -> None:
        self._newest: uuid.UUID | None = None
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._breaker = Breaker()
        self._line = Line()

    def publish(self, job_id: uuid.UUID) -> None:
        """Leave a ring to be sent, in place of one that still waits."""
        self._newest = job_id
        self._some.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pace = threading.Event()
        while True:
            self._some.wait()
            self._some.clear()
            if self._newest is not None:
                RINGS.labels(self._send(self._newest)).inc()
            pace.wait(PACE)

    def _send(self, job_id: uuid.UUID) -> str:
        """What came of it."""
        if not self._breaker.allows():
            return "withheld"
        try:
            self._line.send(job_id)
        except Exception as error:
            logger.warning("the broker did not take a ring: %s", type(error).__name__)
            self._breaker.fail()
            self._line.hang_up()
            return "failed"
        self._breaker.succeed()
        return "sent"


def _transport_options() -> dict[str, float]:
    """Socket timeouts, as each transport calls them."""
    if settings.CELERY_BROKER_URL.startswith("redis"):
        return {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    return {"read_timeout": TIMEOUT, "write_timeout": TIMEOUT}


def check_broker() -> None:
    """Raises whatever the broker's client does where no broker answers in time."""
    with Connection(
        settings.CELERY_BROKER_URL,
        connect_timeout=TIMEOUT,
        transport_options=_transport_options(),
    ) as connection:
        transport = connection.transport
        transport.close_connection(transport.establish_connection())


publish = Publisher().publish
