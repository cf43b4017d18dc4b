"""The demo organisation: made once, with conversations, and their insights after the jobs ran."""

import pytest
from django.test import Client

from conversations.models import Conversation
from demo.conversations import SAMPLES
from demo.seed import seed_demo
from demo.templates import TEMPLATES
from insights.models import Result, Run
from jobs.testing import drain
from organisations.authentication import authenticate

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_start_ends_with_finished_insights_to_look_at():
    demo = seed_demo()
    assert demo is not None
    drain()
    assert Conversation.unscoped.filter(state="ended").count() == len(SAMPLES)
    assert set(Run.unscoped.values_list("status", flat=True)) == {"completed"}
    assert Result.unscoped.filter(status="completed").count() == len(SAMPLES) * len(TEMPLATES)


def test_its_key_works_and_its_owner_signs_in():
    demo = seed_demo()
    assert demo is not None
    assert authenticate(demo.api_key.reveal()).may("write")
    assert Client().login(username=demo.email, password=demo.password.reveal())


def test_a_second_start_makes_nothing():
    assert seed_demo() is not None
    assert seed_demo() is None
    assert Conversation.unscoped.count() == len(SAMPLES)


def test_the_root_leads_to_the_admin(client: Client):
    assert client.get("/")["Location"] == "/admin/"
