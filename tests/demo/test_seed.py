"""The demo organisation: made once, with conversations, and their insights after the jobs ran."""

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from conversations.models import Conversation
from demo.conversations import SAMPLES
from demo.handbook import BUCKET, DOCUMENTS
from demo.seed import seed_demo
from demo.templates import TEMPLATES
from files.models import StoredObject
from inference.origin import Origin
from insights.models import Result, Run
from jobs.testing import drain
from knowledge.models import EmbeddingTask
from knowledge.search import search
from organisations.authentication import authenticate

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_start_ends_with_finished_insights_to_look_at():
    demo = seed_demo()
    assert demo is not None
    drain()
    assert Conversation.unscoped.filter(state="ended").count() == len(SAMPLES)
    assert set(Run.unscoped.values_list("status", flat=True)) == {"completed"}
    assert Result.unscoped.filter(status="completed").count() == len(SAMPLES) * len(TEMPLATES)


def test_a_first_start_has_a_handbook_that_can_be_searched():
    demo = seed_demo()
    assert demo is not None
    drain()
    task = EmbeddingTask.unscoped.get()
    assert (task.bucket.name, task.status, task.done) == (BUCKET, "success", len(DOCUMENTS))
    actor = authenticate(demo.api_key.reveal())
    question, origin = "how do I get rid of lime?", Origin(purpose="embedding")
    [found] = async_to_sync(search)(actor, BUCKET, question, limit=1, origin=origin)
    assert found.path == "kettle-care.md"


def test_its_key_works_and_its_owner_signs_in():
    demo = seed_demo()
    assert demo is not None
    assert authenticate(demo.api_key.reveal()).may("write")
    assert Client().login(username=demo.email, password=demo.password.reveal())


def test_a_second_start_makes_nothing():
    assert seed_demo() is not None
    assert seed_demo() is None
    assert Conversation.unscoped.count() == len(SAMPLES)
    assert StoredObject.unscoped.count() == len(DOCUMENTS)


def test_the_root_leads_to_the_admin(client: Client):
    assert client.get("/")["Location"] == "/admin/"
