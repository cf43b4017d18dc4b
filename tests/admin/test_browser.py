"""In a real browser: from a quote to the words it was taken from, and a page that follows a run."""

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from conversations.services import add_message, create_conversation
from insights import services as insights
from insights.models import Result, Run, Status
from knowledge.models import EmbeddingTask
from organisations.models import Membership, Role, User
from tests.admin.browser import MISSING, Browser, browsing
from tests.admin.world import World, build, page_of
from vocabulary.chat import Message, Text

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def world(transactional_db) -> World:
    world = build("acme")
    user = User.objects.create_user("owner@acme.example", "a good password", is_staff=True)
    Membership.unscoped.create(organisation=world.organisation, user=user, role=Role.OWNER)
    return world


def sign_in(browser: Browser, server: LiveServer) -> None:
    browser.open(f"{server.url}/admin/")
    browser.type("input[name=username]", "owner@acme.example")
    browser.type("input[name=password]", "a good password")
    browser.click("button[type=submit]")
    browser.wait(lambda b: b.run("return document.querySelector('.cq-board') !== null"))


def test_a_click_on_a_quote_shows_the_words_it_was_taken_from(
    world: World, live_server: LiveServer, browser: Browser
):
    conversation = create_conversation(world.actor, name="far")
    for number in range(60):
        said = Message(role="user", parts=(Text(text=f"Line {number}, and that solved it."),))
        row = add_message(world.actor, conversation.pk, message=said)
    insights.run_now(world.actor, conversation.pk, group_id=world.row("insights.group").pk)
    start = row.text.index("that solved it")
    evidence = {
        "message_id": str(row.pk),
        "quote": "that solved it",
        "start": start,
        "end": start + 14,
    }
    Result.unscoped.filter(conversation=conversation).update(
        status=Status.COMPLETED,
        value="solved",
        fields=[{"path": "", "state": "found", "confidence": 0.9, "evidence": [evidence]}],
    )
    Run.unscoped.update(status=Status.COMPLETED)
    sign_in(browser, live_server)
    browser.open(live_server.url + page_of(conversation))
    assert not browser.run(_IN_VIEW, str(row.pk))
    browser.click(".cq-quote")
    browser.wait(lambda b: b.run(_IN_VIEW, str(row.pk)))
    assert browser.run("return document.querySelector('mark.cq-chosen').textContent") == (
        "that solved it"
    )
    assert browser.run("return document.querySelector('.cq-bubble.cq-chosen').id") == f"m-{row.pk}"
    assert browser.run("return location.hash") == "#q-1"


def test_a_page_follows_a_run_until_it_is_closed(
    world: World, live_server: LiveServer, browser: Browser
):
    conversation = create_conversation(world.actor, name="pending")
    said = Message(role="user", parts=(Text(text="hello"),))
    add_message(world.actor, conversation.pk, message=said)
    insights.run_now(world.actor, conversation.pk, group_id=world.row("insights.group").pk)
    sign_in(browser, live_server)
    browser.open(live_server.url + page_of(conversation))
    assert browser.run("return document.querySelector('[role=progressbar]') !== null")
    browser.run("document.querySelector('.cq-edit').open = true")
    Result.unscoped.filter(conversation=conversation).update(
        status=Status.COMPLETED,
        value="it went well",
        fields=[{"path": "", "state": "unsupported", "confidence": None, "evidence": []}],
    )
    Run.unscoped.update(status=Status.COMPLETED)
    browser.wait(lambda b: "it went well" in b.run("return document.body.innerText"))
    assert browser.run("return document.querySelector('[data-pending]')") is None
    assert browser.run("return document.querySelector('.cq-edit').open")


def test_the_page_of_a_task_follows_its_progress(
    world: World, live_server: LiveServer, browser: Browser
):
    task = world.row("knowledge.embeddingtask")
    own = EmbeddingTask.unscoped.filter(pk=task.pk)
    own.update(status="processing", total=4, done=1, failed=0, all_found=True)
    sign_in(browser, live_server)
    browser.open(live_server.url + page_of(task))
    assert browser.run(_PROGRESS) == "1"
    own.update(done=3)
    browser.wait(lambda b: b.run(_PROGRESS) == "3")
    own.update(done=4, status="success")
    browser.wait(lambda b: b.run("return document.querySelector('[data-pending]')") is None)
    assert "4 of 4 files" in browser.run("return document.body.innerText")


_PROGRESS = """
return document.querySelector("[role=progressbar]").getAttribute("aria-valuenow");
"""

_IN_VIEW = """
const box = document.getElementById("m-" + arguments[0]).getBoundingClientRect();
return box.top >= 0 && box.bottom <= window.innerHeight;
"""
