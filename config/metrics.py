"""Prometheus' view of this process and of what all processes share through the database.

Counters of the process (requests, rings, upstream errors) are kept where they happen; the figures
of the queue and the outbox are read from the database when Prometheus asks.
"""

import logging
from collections.abc import Iterable, Iterator
from itertools import accumulate

from django.db import DatabaseError, InterfaceError
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import jobs.queries
import webhooks.queries
from surfaces.traffic import BOUNDS, TRAFFIC, Row

log = logging.getLogger(__name__)


def render_metrics() -> bytes:
    return generate_latest(REGISTRY)


class Requests(Collector):
    """The surfaces' requests, as histograms; their `_count` is how many there were."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(
            "colloquy_request_seconds",
            "Requests of the surfaces and how long they took, streams to their end",
            labels=["surface", "method", "route", "status"],
        )
        for kind, row in TRAFFIC.rows():
            status = f"{kind.status}xx" if kind.status else "none"
            labels = [kind.surface, kind.method, kind.route, status]
            family.add_metric(labels, _buckets(row), row.seconds)
        yield family


class Stored(Collector):
    """What the database knows; while it is away, only that."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            families = [*_jobs(), *_deliveries()]
        except (DatabaseError, InterfaceError) as error:
            log.warning("no figures from the database: %s", type(error).__name__)
            families = []
        yield _gauge("colloquy_database_up", "1 if the database answered", float(bool(families)))
        yield from families


def _jobs() -> Iterator[Metric]:
    figures = jobs.queries.figures()
    counts = GaugeMetricFamily(
        "colloquy_jobs", "Unfinished and dead jobs", labels=["kind", "state"]
    )
    for (kind, state), number in figures.by_kind.items():
        counts.add_metric([kind, state], number)
    yield counts
    yield _gauge(
        "colloquy_oldest_due_job_seconds",
        "For how long the job that waits longest has been due",
        figures.oldest_due,
    )
    yield _gauge("colloquy_workers", "Processes that run jobs, seen lately", figures.workers)
    yield _counter(
        "colloquy_lease_expiries", "Jobs whose worker was not heard of", figures.lease_expiries
    )
    yield _counter("colloquy_rings_again", "Jobs rung for once more", figures.rings_again)


def _deliveries() -> Iterator[Metric]:
    figures = webhooks.queries.figures()
    counts = GaugeMetricFamily(
        "colloquy_webhook_deliveries", "Deliveries that did not get there", labels=["state"]
    )
    for state, number in figures.by_state.items():
        counts.add_metric([state], number)
    yield counts
    yield _gauge(
        "colloquy_oldest_pending_delivery_seconds",
        "Age of the oldest delivery that is still tried",
        figures.oldest_pending,
    )


def _buckets(row: Row) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    return list(zip(bounds, map(float, accumulate(row.buckets)), strict=True))


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _counter(name: str, about: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, about, value=value)


REGISTRY.register(Requests())
REGISTRY.register(Stored())
