"""Metrics: figures of the queue, the outbox and the surfaces' requests, and no tenant's data."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.test import Client

import jobs.queries
from common import ids
from common.db import in_thread
from config.asgi import application
from inference.metering import Meter
from inference.origin import Origin
from jobs import tallies, workers
from jobs.models import Job
from organisations.actor import system
from organisations.services import create_api_key, create_organisation
from providers.protocols import Account, Target
from surfaces.traffic import OTHER, TRAFFIC, Traffic
from vocabulary.errors import UpstreamTimedOut
from webhooks.models import Delivery
from webhooks.services import Announcement, create_endpoint, publish


def read(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["content-type"].startswith("text/plain")
    return parse(answer.content.decode())


def parse(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.django_db
def test_the_queue_tells_how_it_fares(client: Client):
    hour_ago = Now() - timedelta(hours=1)
    Job.objects.create(kind="webhooks.deliver", run_at=hour_ago)
    Job.objects.create(kind="webhooks.deliver", state="dead")
    workers.sign_in(ids.new_uuid())
    tallies.add(tallies.LEASE_EXPIRIES, 3)
    tallies.add(tallies.RINGS_AGAIN, 2)
    found = read(client)
    assert found['colloquy_jobs{kind="webhooks.deliver",state="queued"}'] == 1
    assert found['colloquy_jobs{kind="webhooks.deliver",state="dead"}'] == 1
    assert 3600 <= found["colloquy_oldest_due_job_seconds"] < 3700
    assert found["colloquy_workers"] == 1
    assert found["colloquy_lease_expiries_total"] == 3
    assert found["colloquy_rings_again_total"] == 2
    assert found["colloquy_database_up"] == 1


@pytest.mark.django_db
def test_deliveries_that_did_not_get_there_are_counted(client: Client):
    actor = system(create_organisation("acme").pk)
    create_endpoint(actor, url="https://receiver.example/hook")
    for _ in range(2):
        publish(
            Announcement(
                organisation_id=actor.organisation_id,
                type="endpoint.disabled",
                subject=None,
                payload={},
            )
        )
    first = Delivery.unscoped.order_by("created_at")[0]
    Delivery.unscoped.filter(pk=first.pk).update(created_at=Now() - timedelta(hours=2))
    Delivery.unscoped.exclude(pk=first.pk).update(state="dead")
    found = read(client)
    assert found['colloquy_webhook_deliveries{state="pending"}'] == 1
    assert found['colloquy_webhook_deliveries{state="dead"}'] == 1
    assert 7200 <= found["colloquy_oldest_pending_delivery_seconds"] < 7300


def test_without_a_database_the_process_still_tells_of_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def refuse() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(jobs.queries, "figures", refuse)
    found = read(client)
    assert found["colloquy_database_up"] == 0
    assert "python_info" in " ".join(found)


@pytest.mark.django_db(transaction=True)
async def test_requests_of_both_doors_are_counted_by_their_route(settings: Any):
    organisation = await in_thread(create_organisation, "acme")
    _, token = await in_thread(create_api_key, system(organisation.pk))
    bearer = {"authorization": f"Bearer {token.reveal()}"}
    before = {kind: sum(row.buckets) for kind, row in TRAFFIC.rows()}
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        conversation = f"/telnyx/v2/ai/conversations/{ids.new_uuid()}"
        await client.get(conversation, headers=bearer)
        await client.get(conversation)
        await client.post("/openai/v1/chat/completions", json={}, headers=bearer)
        await client.request("BREW", "/openai/v1/nowhere", headers=bearer)
        text = (await client.get("/metrics")).text
    after = {kind: sum(row.buckets) for kind, row in TRAFFIC.rows()}
    new = {kind: count - before.get(kind, 0) for kind, count in after.items()}
    asked = {kind for kind, count in new.items() if count == 1}
    assert {
        ("telnyx", "GET", "/telnyx/v2/ai/conversations/{conversation_id}", 4),
        ("telnyx", "GET", OTHER, 4),
        ("openai", "POST", "/openai/v1/chat/completions", 4),
        ("openai", OTHER, OTHER, 4),
    } == asked
    assert 'route="/openai/v1/chat/completions",status="4xx",surface="openai"' in text
    assert "acme" not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


def test_latencies_fall_into_their_buckets():
    traffic = Traffic()
    for seconds in (0.001, 0.3, 0.3, 1000):
        traffic.note("telnyx", "GET", "/x", 200, seconds)
    [(_, row)] = traffic.rows()
    assert (row.buckets[0], row.buckets[6], row.buckets[-1]) == (1, 2, 1)
    assert row.seconds == pytest.approx(1000.601)


@pytest.mark.django_db
def test_what_upstreams_did_wrong_is_counted_by_their_kind(client: Client):
    name = 'colloquy_upstream_errors_total{code="upstream_timeout",kind="openai"}'
    before = read(client).get(name, 0)
    origin = Origin(surface="telnyx", request_id="req_1")
    meter = Meter(system(ids.new_uuid()), "gpt", None, origin)
    meter.served_by(Target(account=Account(name="mine", kind="openai"), model="gpt"))
    meter.failed(UpstreamTimedOut())
    assert read(client)[name] == before + 1
