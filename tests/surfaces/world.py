"""An organisation with one row of each kind that a surface can name by id."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.test import override_settings

from common import clock
from conversations.services import add_message, create_conversation
from files import services as files
from finetuning.models import FinetuningJob
from insights import services as insights
from knowledge.services import start_embedding
from organisations.actor import Actor, system
from organisations.services import create_api_key, create_organisation
from usage.reports import create_report
from vocabulary.chat import Message, Text
from webhooks.models import Delivery
from webhooks.services import Announcement, create_endpoint, publish

NOBODY = "01990000-0000-7000-8000-000000000000"
"""The id of nothing."""


@dataclass(frozen=True, slots=True)
class World:
    """`ids` is by kind: conversation, template, group, run, backfill, delivery, endpoint,
    bucket, empty_bucket, object, embedding_task, report."""

    actor: Actor
    token: str
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def build(slug: str) -> World:
    with override_settings(FOUNDATIONS=[]):
        organisation = create_organisation(slug)
    actor = system(organisation.pk)
    _, token = create_api_key(actor)
    ids = _conversation(actor) | _insights(actor)
    ids["run"] = _run(actor, ids)
    backfill = insights.start_backfill(actor, UUID(ids["template"]), dry_run=True)
    ids["backfill"] = str(backfill.id)
    training_set = insights.start_training_set(
        actor, template_id=UUID(ids["template"]), bucket="training", path="moods.jsonl"
    )
    ids["training_set"] = str(training_set.id)
    ids |= _delivery(actor)
    ids |= _tuning(actor, slug)
    ids |= _files(actor, slug)
    ids["embedding_task"] = str(start_embedding(actor, ids["bucket"]).pk)
    ids["report"] = _report(actor)
    return World(actor, token.reveal(), ids)


def _conversation(actor: Actor) -> dict[str, str]:
    conversation = create_conversation(actor, name="First", metadata={"from": "+1"})
    said = Message(role="user", parts=(Text(text="hello"),))
    add_message(actor, conversation.pk, message=said)
    return {"conversation": str(conversation.pk)}


def _insights(actor: Actor) -> dict[str, str]:
    template = insights.create_template(actor, name="Mood", instructions="How do they feel?")
    group = insights.create_group(actor, name="After calls")
    insights.assign(actor, group.id, template.id)
    return {"template": str(template.id), "group": str(group.id)}


def _report(actor: Actor) -> str:
    now = clock.now()
    report = create_report(actor, starts_at=now - timedelta(days=1), ends_at=now)
    return str(report.pk)


def _run(actor: Actor, ids: dict[str, str]) -> str:
    run = insights.run_now(actor, UUID(ids["conversation"]), group_id=UUID(ids["group"]))
    return str(run.id)


def _tuning(actor: Actor, slug: str) -> dict[str, str]:
    name = f"ft:builtin/minilm:{slug}:1"
    FinetuningJob.objects.create(
        organisation_id=actor.organisation_id,
        name=name,
        model="builtin/minilm",
        training_file="training/topics.jsonl",
        bucket_name="training",
        training_path="topics.jsonl",
    )
    return {"tuning": name}


def _files(actor: Actor, slug: str) -> dict[str, str]:
    """Their names differ from world to world, as ids do."""
    bucket, empty, path = f"{slug}-papers", f"{slug}-nothing", f"notes/of {slug}.txt"
    files.put_bytes(actor, bucket, path, b"The lamp is broken.")
    files.create_bucket(actor, empty)
    audio = str(uuid4())
    files.put_bytes(actor, "text-to-speech", audio, b"sound", content_type="audio/mpeg")
    return {"bucket": bucket, "empty_bucket": empty, "object": path, "audio": audio}


def _delivery(actor: Actor) -> dict[str, str]:
    endpoint, _ = create_endpoint(actor, url="https://receiver.example/hook", dialect="telnyx")
    with transaction.atomic():
        [event] = publish(
            Announcement(
                organisation_id=actor.organisation_id,
                type="endpoint.disabled",
                subject=None,
                payload={"reason": "a test"},
            )
        )
    delivery = Delivery.unscoped.get(event=event)
    return {"endpoint": str(endpoint.pk), "delivery": str(delivery.pk)}
