"""An organisation, somebody who may do everything in it, and conversations to ask about."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from conversations import services as conversations
from conversations.models import Conversation
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.models import Price
from providers.services import create_provider
from tests.insights.doubles import Judge, Script
from vocabulary.chat import Message, Role, Text

type Talk = Callable[..., Conversation]

SAID = (
    ("user", "My printer is broken."),
    ("assistant", "Have you tried turning it off and on again?"),
    ("user", "Yes! Thanks, that fixed it."),
)


@pytest.fixture
def organisation(db) -> Organisation:
    return Organisation.objects.create(slug="acme", name="Acme", insight_model="scripted/judge")


@pytest.fixture
def actor(organisation) -> Actor:
    return system(organisation.pk, "tests")


@pytest.fixture
def stranger(db) -> Actor:
    return system(Organisation.objects.create(slug="other", name="Other").pk, "stranger")


@pytest.fixture
def talk(actor) -> Talk:
    """Makes a conversation of (role, text) pairs."""

    def make(*said: tuple[Role, str], **metadata: str) -> Conversation:
        conversation = conversations.create_conversation(actor, metadata=metadata)
        for role, text in said or SAID:
            say(actor, conversation, role, text)
        conversation.refresh_from_db()
        return conversation

    return make


def say(actor: Actor, conversation: Conversation, role: Role, text: str) -> None:
    message = Message(role=role, parts=(Text(text=text),))
    conversations.add_message(actor, conversation.pk, message=message)


@pytest.fixture
def script(actor: Actor, settings) -> Iterator[Script]:
    """The upstream `scripted` with the models `judge` (2 and 8 USD a million tokens) and `other`.
    Webhooks are not delivered: their jobs stay queued."""
    settings.PROVIDERS = {"scripted": "tests.insights.doubles.Judge"}
    settings.JOBS = {
        kind: path for kind, path in settings.JOBS.items() if kind != "webhooks.deliver"
    }
    create_provider(
        actor,
        kind="scripted",
        name="scripted",
        base_url="https://up.example.com",
        models=["judge", "other"],
    )
    Price.objects.create(
        organisation_id=actor.organisation_id,
        pattern="scripted/judge",
        starts_on=date(2020, 1, 1),
        prompt=Decimal(2),
        completion=Decimal(8),
    )
    Judge.script = Script()
    yield Judge.script
    del Judge.script
