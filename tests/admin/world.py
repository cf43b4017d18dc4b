"""One row of every table, made through the services where there are any."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.urls import reverse

from common import clock
from conversations.services import add_message, create_conversation
from executions.models import Execution, ExecutionStep
from files import services as files
from files import uploads
from files.spool import spooled_bytes
from finetuning.models import FinetuningJob, JobEvent
from insights import services as insights
from insights.models import Result, Status
from jobs.models import Job
from knowledge.models import Chunk, CrawledPage, Document, DocumentStatus
from knowledge.services import start_embedding
from organisations.actor import Actor, system
from organisations.models import ApiKey, IdempotencyRecord, Membership, Organisation, Role, User
from organisations.services import create_api_key, create_organisation
from providers.models import Price, TunedModel
from providers.services import create_provider
from usage.models import TranscriptionReport, UsageRecord
from vocabulary.chat import Message, Text
from webhooks.keys import get_signing_keys
from webhooks.models import Attempt, Delivery
from webhooks.services import Announcement, create_endpoint, publish

SECRET = "sk-upstream-secret"


@dataclass(frozen=True, slots=True)
class World:
    """`rows` is by the model's label, `organisations.apikey`."""

    organisation: Organisation
    actor: Actor
    rows: dict[str, Any] = field(default_factory=dict)

    def row(self, label: str) -> Any:
        return self.rows[label]


def build(slug: str) -> World:
    """Every name in it has the slug in it, so that a page that shows one can be told by it."""
    organisation = create_organisation(slug, name=f"name-{slug}")
    world = World(organisation, system(organisation.pk, f"system-{slug}"))
    for part in (_people, _talk, _files, _knowledge, _webhooks, _engine, _models, _tuning):
        part(world, slug)
    for page in admin.site._registry.values():
        row = _newest(page.model, world)
        if row is not None:
            world.rows[page.opts.label_lower] = row
    return world


def pages() -> list[Any]:
    """The admin pages of our own tables."""
    return [page for page in admin.site._registry.values() if page.opts.app_label != "auth"]


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row: Model) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def deed_of(row: Model, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_do", args=[row.pk, name])


def _newest(model: type[Model], world: World) -> Any:
    if model is Organisation:
        return world.organisation
    if model is User:
        return User.objects.get(email=f"person@{world.organisation.slug}.example")
    if not hasattr(model, "organisation"):
        return None
    rows = model._default_manager.filter(organisation=world.organisation)
    return rows.order_by("-pk").first()


def _people(world: World, slug: str) -> None:
    person = User.objects.create_user(f"person@{slug}.example", "x", name=f"person-{slug}")
    Membership.unscoped.create(organisation=world.organisation, user=person, role=Role.MEMBER)
    create_api_key(world.actor, name=f"key-{slug}")
    IdempotencyRecord.objects.create(
        organisation=world.organisation,
        key=f"idempotency-{slug}",
        route="/x",
        fingerprint="f" * 64,
        expires_at=clock.now() + timedelta(days=1),
    )


def _talk(world: World, slug: str) -> None:
    actor = world.actor
    conversation = create_conversation(actor, name=f"talk-{slug}", metadata={"channel": slug})
    said = add_message(
        actor,
        conversation.pk,
        message=Message(role="user", parts=(Text(text=f"hello from {slug}"),)),
    )
    template = insights.create_template(actor, name=f"template-{slug}", instructions="How?")
    group = insights.create_group(actor, name=f"group-{slug}", is_default=True)
    insights.assign(actor, group.id, template.id)
    insights.run_now(actor, conversation.pk, group_id=group.id)
    evidence = {"message_id": str(said.pk), "quote": "hello", "start": 0, "end": 5}
    judged = {"path": "", "state": "found", "confidence": 0.9, "evidence": [evidence]}
    result = Result.unscoped.filter(conversation=conversation)
    result.update(status=Status.COMPLETED, value=f"value-{slug}", fields=[judged])


def _files(world: World, slug: str) -> None:
    bucket = f"name-{slug}-bucket"
    files.put_bytes(world.actor, bucket, f"name-{slug}.txt", b"hello")
    upload = uploads.start_upload(world.actor, bucket, f"name-{slug}.bin")
    with spooled_bytes(b"part") as part:
        uploads.put_part(world.actor, upload.pk, 1, part)


def _knowledge(world: World, slug: str) -> None:
    """What a task, and a crawl, leave behind."""
    owner = {"organisation": world.organisation}
    task = start_embedding(world.actor, f"name-{slug}-bucket")
    document = Document.objects.create(
        **owner,
        index=task.index,
        task=task,
        path=f"name-{slug}.txt",
        checksum="0" * 64,
        status=DocumentStatus.FAILED,
        error_reason=f"error-{slug}",
    )
    Chunk.objects.create(
        **owner, document=document, index=task.index, position=0, text=f"text of {slug}"
    )
    CrawledPage.objects.create(
        **owner, task=task, url=f"https://{slug}.example/", url_digest="0" * 64, depth=0
    )


def _tuning(world: World, slug: str) -> None:
    owner = {"organisation": world.organisation}
    job = FinetuningJob.objects.create(
        **owner,
        name=f"name-{slug}-job",
        model="builtin/minilm",
        training_file=f"name-{slug}-bucket/x.jsonl",
        bucket_name=f"name-{slug}-bucket",
        training_path="x.jsonl",
        metrics={"accuracy": 0.5},
    )
    figures = {"epoch": 1, "loss": 0.5, "accuracy": 0.5}
    JobEvent.objects.create(**owner, job=job, seq=1, message=f"event-{slug}", data=figures)
    TunedModel.objects.create(**owner, name=f"name-{slug}-tuned", base_model="builtin/minilm")


def _webhooks(world: World, slug: str) -> None:
    actor = world.actor
    create_endpoint(actor, url=f"https://{slug}.example/hook", name=f"endpoint-{slug}")
    with transaction.atomic():
        [event] = publish(
            Announcement(
                organisation_id=actor.organisation_id,
                type="endpoint.disabled",
                subject=None,
                payload={"reason": slug},
            )
        )
    delivery = Delivery.unscoped.get(event=event)
    Attempt.objects.create(
        organisation=world.organisation, delivery=delivery, number=1, error=f"error-{slug}"
    )
    get_signing_keys([actor.organisation_id])


def _engine(world: World, slug: str) -> None:
    Job.objects.create(organisation=world.organisation, kind=f"kind-{slug}")
    execution = Execution.objects.create(
        organisation=world.organisation,
        workflow="test",
        name=f"execution-{slug}",
        input_digest="x",
        deadline_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    ExecutionStep.objects.create(
        organisation=world.organisation, execution=execution, seq=1, name=f"step-{slug}"
    )


def _models(world: World, slug: str) -> None:
    create_provider(
        world.actor,
        kind="openai",
        name=f"provider-{slug}",
        base_url=f"https://llm.{slug}.example/v1",
        api_key=SECRET,
        models=[f"model-{slug}"],
    )
    Price.objects.create(
        organisation=world.organisation,
        pattern=f"price-{slug}",
        starts_on=date(2026, 1, 1),
        prompt=Decimal(1),
    )
    TranscriptionReport.objects.create(
        organisation=world.organisation,
        starts_at=datetime(2026, 3, 1, tzinfo=UTC),
        ends_at=datetime(2026, 4, 1, tzinfo=UTC),
        error=f"error-{slug}",
    )
    UsageRecord.objects.create(
        organisation=world.organisation,
        purpose="chat",
        requested_model=f"model-{slug}",
        model=f"model-{slug}",
    )


def key_of(world: World) -> ApiKey:
    return ApiKey.unscoped.get(organisation=world.organisation)
