"""Training sets: conversations become lines by what insights found in them."""

import json

import pytest

from executions.models import Execution
from files.contents import read_bytes
from files.queries import get_object
from insights.models import Result, Status
from insights.services import create_template, start_training_set
from insights.training_sets import describe
from jobs.testing import drain
from vocabulary.errors import InvalidRequest, NotFound

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def template(actor):
    return create_template(actor, name="Topic", instructions="What is it about?")


@pytest.fixture
def found(actor, template):
    """Gives a conversation a completed result."""

    def make(conversation, value, *, confidence=0.9, state="found", generation=1, path="/topic"):
        judged = {"path": path, "state": state, "confidence": confidence, "evidence": []}
        return Result.objects.create(
            organisation_id=actor.organisation_id,
            conversation=conversation,
            template_id=template.id,
            template_ref=template.id,
            version_number=1,
            generation=generation,
            transcript_length=conversation.message_count,
            status=Status.COMPLETED,
            value=value,
            fields=[judged],
        )

    return make


def write(actor, template, **more):
    given = {"field": "/topic", "bucket": "training", "path": "sets/topics.jsonl", **more}
    started = start_training_set(actor, template_id=template.id, **given)
    drain()
    return describe(Execution.unscoped.get(pk=started.pk))


def lines(actor):
    stored = get_object(actor, "training", "sets/topics.jsonl")
    text = read_bytes(stored.blob, most=10**6).decode()
    return [json.loads(line)["messages"] for line in text.splitlines()]


def test_labels_teach_to_answer_a_transcript_with_the_value(actor, template, talk, found):
    found(
        talk(("user", "Hi"), ("assistant", "Yes?"), ("user", "Where is it?")), {"topic": "delivery"}
    )
    found(talk(("user", "Refund me")), {"topic": "billing"})
    told = write(actor, template)
    assert told["status"] == "completed"
    assert told["training_file"] == "training/sets/topics.jsonl"
    assert told["progress"]["examples"] == 2
    assert told["progress"]["values"] == {"delivery": 1, "billing": 1}
    assert lines(actor) == [
        [
            {"role": "user", "content": "user: Hi\nassistant: Yes?\nuser: Where is it?"},
            {"role": "assistant", "content": "delivery"},
        ],
        [{"role": "user", "content": "Refund me"}, {"role": "assistant", "content": "billing"}],
    ]


def test_the_newest_result_counts_and_unsure_or_unsupported_ones_do_not(
    actor, template, talk, found
):
    changed = talk(("user", "One"))
    found(changed, {"topic": "old"})
    found(changed, {"topic": "new"}, generation=2)
    found(talk(("user", "Two")), {"topic": "vague"}, confidence=0.3)
    found(talk(("user", "Three")), {"topic": "invented"}, state="unsupported")
    found(talk(("user", "Four")), {"topic": ["a", "b"]})
    found(talk(("user", "Five")), {})
    told = write(actor, template, min_confidence=0.5)
    assert [messages[1]["content"] for messages in lines(actor)] == ["new"]
    assert told["progress"]["skipped"] == 4


def test_a_filter_chooses_the_conversations(actor, template, talk, found):
    found(talk(("user", "One"), channel="phone"), {"topic": "a"})
    found(talk(("user", "Two"), channel="web"), {"topic": "b"})
    write(actor, template, filter={"metadata->channel": ["eq.web"]})
    assert [messages[0]["content"] for messages in lines(actor)] == ["Two"]


def test_dialogues_are_those_with_the_wanted_value_up_to_the_assistants_last_words(
    actor, template, talk, found
):
    found(talk(), {"resolved": True}, path="/resolved")
    found(talk(("user", "Nobody?")), {"resolved": True}, path="/resolved")
    found(talk(("user", "No"), ("assistant", "Sorry")), {"resolved": False}, path="/resolved")
    write(actor, template, field="/resolved", format="dialogue", value="true")
    [messages] = lines(actor)
    assert [message["role"] for message in messages] == ["user", "assistant"]
    assert messages[0]["content"] == "My printer is broken."


@pytest.mark.parametrize(
    "wrong",
    [
        {"bucket": "X"},
        {"path": "../x"},
        {"field": "topic"},
        {"format": "csv"},
        {"format": "dialogue"},
        {"format": "labels", "value": "x"},
        {"min_confidence": 2.0},
        {"filter": {"nonsense": ["eq.1"]}},
    ],
)
def test_what_is_wrong_is_refused(actor, template, wrong):
    with pytest.raises(InvalidRequest):
        write(actor, template, **wrong)


def test_a_template_of_others_is_not_found(stranger, template):
    with pytest.raises(NotFound):
        write(stranger, template)
