"""Makes the demo organisation, once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from common import clock
from common.secrets import Secret
from conversations.models import Conversation
from conversations.services import add_message, create_conversation, end_conversation
from demo.conversations import SAMPLES, Sample
from demo.handbook import BUCKET, DOCUMENTS
from demo.templates import TEMPLATES
from files.services import put_bytes
from insights.services import assign, create_group, create_template
from knowledge.services import start_embedding
from organisations.actor import Actor, system
from organisations.models import Organisation
from organisations.services import create_admin, create_api_key, create_organisation
from vocabulary.chat import Message, Text

SLUG = "demo"
EVERY = timedelta(days=1, hours=17)
TURN = timedelta(seconds=20)
EMAIL = "admin@demo.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What its maker has to be shown, once."""

    email: str
    password: Secret
    api_key: Secret


@transaction.atomic
def seed_demo() -> Demo | None:
    """The demo with its conversations ended and their insights due, and a handbook that is embedded
    once jobs run; None if it is there already."""
    if Organisation.objects.filter(slug=SLUG).exists():
        return None
    actor = system(create_organisation(SLUG, name="Demo").pk, "demo")
    password = Secret(secrets.token_urlsafe(9))
    create_admin(EMAIL, password.reveal())
    _, api_key = create_api_key(actor, name="demo")
    _add_templates(actor)
    for age, sample in enumerate(reversed(SAMPLES)):
        _add_conversation(actor, sample, clock.now() - age * EVERY)
    _add_handbook(actor)
    return Demo(email=EMAIL, password=password, api_key=api_key)


def _add_handbook(actor: Actor) -> None:
    for document in DOCUMENTS:
        data = document.text.encode()
        put_bytes(actor, BUCKET, document.path, data, content_type="text/markdown")
    start_embedding(actor, BUCKET)


def _add_templates(actor: Actor) -> None:
    group = create_group(
        actor,
        name="After every conversation",
        description="Runs when a conversation ends, unless its metadata names another group.",
        is_default=True,
    )
    for sample in TEMPLATES:
        template = create_template(
            actor,
            name=sample.name,
            instructions=sample.instructions,
            json_schema=sample.json_schema,
        )
        assign(actor, group.id, template.id)


def _add_conversation(actor: Actor, sample: Sample, began: datetime) -> None:
    conversation = create_conversation(
        actor, name=sample.name, metadata={"channel": sample.channel, "source": "demo"}
    )
    for number, (role, text) in enumerate(sample.turns()):
        add_message(
            actor,
            conversation.pk,
            message=Message(role=role, parts=(Text(text=text),)),
            sent_at=began + number * TURN,
        )
    end_conversation(actor, conversation.pk)
    # As if it had been held then, so that lists and charts have something to show.
    own = Conversation.objects.for_organisation(actor.organisation_id)
    own.filter(pk=conversation.pk).update(created_at=began)
