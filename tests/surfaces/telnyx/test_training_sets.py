"""A training set as a caller sees it, from stored conversations to the file that a job takes."""

import json
from typing import Any

import pytest
from django.test import Client

from conversations.services import add_message, create_conversation
from files.contents import read_bytes
from files.queries import get_object
from insights.models import Result, Status
from insights.services import create_template
from jobs.testing import drain
from tests.surfaces.world import World, build
from vocabulary.chat import Message, Text

SETS = "/telnyx/v2/ai/fine_tuning/training_sets"


@pytest.fixture
def world(transactional_db: None) -> World:
    """With a template of its own: that of the world has a run that may end in between."""
    world = build("ours")
    template = create_template(world.actor, name="Topic", instructions="What is it about?")
    world.ids["template"] = str(template.id)
    return world


def find(world: World, said: str, topic: str) -> None:
    """A conversation, and what the insight found in it."""
    conversation = create_conversation(world.actor)
    message = Message(role="user", parts=(Text(text=said),))
    add_message(world.actor, conversation.pk, message=message)
    Result.objects.create(
        organisation_id=world.actor.organisation_id,
        conversation_id=conversation.pk,
        template_id=world.ids["template"],
        template_ref=world.ids["template"],
        version_number=1,
        generation=1,
        transcript_length=1,
        status=Status.COMPLETED,
        value={"topic": topic},
        fields=[{"path": "/topic", "state": "found", "confidence": 0.9, "evidence": []}],
    )


def ask(world: World, method: str, path: str, body: object = None) -> tuple[int, Any]:
    content = json.dumps(body) if body is not None else ""
    answer = Client().generic(method, path, content, "application/json", headers=world.bearer)
    return answer.status_code, answer.json()


def test_a_training_set_is_written_and_shows_how_far_it_is(world: World):
    find(world, "Where is my parcel?", "delivery")
    find(world, "Hm.", "")
    body = {
        "insight_id": world.ids["template"],
        "field": "/topic",
        "bucket": "sets",
        "path": "topics.jsonl",
    }
    status, begun = ask(world, "POST", SETS, body)
    assert (status, begun["data"]["status"]) == (200, "queued")
    drain()
    status, answer = ask(world, "GET", f"{SETS}/{begun['data']['id']}")
    told = answer["data"]
    assert (status, told["status"], told["training_file"]) == (
        200,
        "completed",
        "sets/topics.jsonl",
    )
    assert told["progress"]["values"] == {"delivery": 1}
    assert told["progress"]["skipped"] == 1
    stored = get_object(world.actor, "sets", "topics.jsonl")
    [line] = read_bytes(stored.blob, most=10_000).splitlines()
    assert json.loads(line)["messages"][-1]["content"] == "delivery"


def test_another_organisations_insight_is_not_found(world: World):
    theirs = build("theirs")
    body = {"insight_id": theirs.ids["template"], "bucket": "sets", "path": "x.jsonl"}
    assert ask(world, "POST", SETS, body)[0] == 404
