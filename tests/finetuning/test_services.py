"""Fine-tuning with the builtin trainer: from a file in a bucket to a model that answers."""

import asyncio
import json
import math

import pytest
from django.db import transaction

from files.services import delete_object, put_bytes
from finetuning.driving import KIND, Drive
from finetuning.models import FinetuningJob, JobEvent
from finetuning.queries import find_events, find_jobs, get_job
from finetuning.services import cancel_job, create_job
from jobs.models import Job, JobState
from jobs.testing import drain
from organisations.actor import Actor
from providers.models import Power, TunedModel
from providers.queries import find_models
from providers.routing import chat_provider, resolve
from providers.tuned import find_tuned_models
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    ChatResponse,
    Matching,
    Message,
    OneOf,
    Output,
    Sampling,
    SchemaJson,
    Text,
)
from vocabulary.errors import DomainError, InvalidRequest, ModelNotFound, NotFound, Unrepresentable
from vocabulary.streams import fold
from wire.extraction import Extraction, Line, read_finding, spell
from wire.training_files import write_example

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "builtin/minilm"
PARCEL = "Has the courier got my package?"


def create(actor: Actor, file: str, **more) -> FinetuningJob:
    return create_job(actor, model=BASE, training_file=file, **more)


def train(actor: Actor, file: str) -> str:
    job = create(actor, file, suffix="topics")
    drain()
    assert get_job(actor, job.name).status == "succeeded"
    return job.name


def ask(actor: Actor, model: str, text: str = PARCEL, **more) -> ChatRequest:
    said = Message(role="user", parts=(Text(text=text),))
    return ChatRequest(model=model, messages=(said,), **more)


def answer(actor: Actor, request: ChatRequest) -> ChatResponse:
    async def complete() -> ChatResponse:
        target = await resolve(actor, request.model, Power.CHAT)
        return await chat_provider(target.account.kind).complete(request, target)

    return asyncio.run(complete())


def test_a_job_ends_in_a_model_that_is_listed_and_answers_with_its_labels(actor, topics):
    name = train(actor, topics)
    job = get_job(actor, name)
    assert name.startswith("ft:builtin/minilm:topics:")
    assert (job.tuned_model, job.error, job.epochs) == (name, "", 3)
    assert job.trained_tokens > 0 and job.trained_tokens % 3 == 0
    assert job.started_at <= job.finished_at
    assert job.metrics["accuracy"] > 0.5
    [listed] = [model for model in find_models(actor) if model.id == name]
    assert (listed.owned_by, listed.base_model) == (str(actor.organisation_id), BASE)
    assert listed.power == "chat" and not listed.is_trainable
    response = answer(actor, ask(actor, name))
    assert (response.text, response.model) == ("delivery", name)


def test_events_tell_what_happened_once_and_in_order(actor, topics):
    name = train(actor, topics)
    events = find_events(actor, name)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [e.data["epoch"] for e in events if "epoch" in e.data] == [1, 2, 3]
    assert events[0].message == "The training file is right: 56 examples"
    assert events[-1].message == f"{name} is ready"
    assert [e.seq for e in find_events(actor, name, after=2, limit=2)] == [3, 4]


def test_log_probabilities_are_the_true_softmax(actor, topics):
    sampling = Sampling(logprobs=True, top_logprobs=7)
    response = answer(actor, ask(actor, train(actor, topics), sampling=sampling))
    [token] = response.choices[0].logprobs
    assert token.token == "delivery"
    assert math.exp(token.logprob) == pytest.approx(math.exp(token.top[0][1]))
    assert sum(math.exp(share) for _, share in token.top) == pytest.approx(1, abs=1e-5)


def test_a_stream_folds_to_the_whole_answer(actor, topics):
    request = ask(actor, train(actor, topics), sampling=Sampling(logprobs=True))

    async def stream() -> ChatResponse:
        target = await resolve(actor, request.model, Power.CHAT)
        provider = chat_provider(target.account.kind)
        return fold([event async for event in provider.stream(request, target)])

    streamed = asyncio.run(stream())
    assert streamed.text == "delivery"
    assert streamed.choices[0].logprobs


LABELS = ["account", "billing", "cancellation", "delivery", "returns", "sales", "technical"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (OneOf(choices=("billing", "delivery")), "delivery"),
        (OneOf(choices=("billing", "other")), "billing"),
        (Matching(pattern="d.*"), "delivery"),
    ],
)
def test_an_answer_has_the_shape_that_is_asked_for(actor, topics, output: Output, said: str):
    assert answer(actor, ask(actor, train(actor, topics), output=output)).text == said


def test_json_holds_the_label(actor, topics):
    name = train(actor, topics)
    loose = json.loads(answer(actor, ask(actor, name, output=AnyJson())).text)
    assert loose["label"] == "delivery" and 0 < loose["confidence"] < 1
    schema = {
        "type": "object",
        "properties": {
            "about": {"type": "string", "enum": LABELS},
            "order": {"type": ["string", "null"]},
        },
        "required": ["about", "order"],
    }
    strict = answer(actor, ask(actor, name, output=SchemaJson(name="x", schema=schema)))
    assert json.loads(strict.text)["about"] == "delivery"
    with pytest.raises(Unrepresentable):
        answer(actor, ask(actor, name, output=OneOf(choices=("x", "y"))))


@pytest.mark.parametrize(
    ("text", "value"), [(PARCEL, "delivery"), ("It is raining in Paris", None)]
)
def test_an_insight_takes_the_label_with_its_confidence_or_null(actor, topics, text, value):
    schema = {
        "type": "object",
        "properties": {"topic": {"anyOf": [{"type": "string", "enum": LABELS}, {"type": "null"}]}},
        "required": ["topic"],
    }
    line = Line(index=4, role="user", name="", text=text)
    extraction = Extraction(instructions="What is it about?", lines=(line,), schema=schema)
    request = spell(extraction, model=train(actor, topics))
    finding = read_finding(answer(actor, request).text)
    assert finding.value == {"topic": value}
    if value is not None:
        [quote] = finding.quotes
        assert (quote.path, quote.message, quote.quote) == ("/topic", 4, PARCEL)
        assert 0.5 < quote.confidence < 1


def test_an_organisations_model_is_nothing_to_others(actor, stranger, topics):
    name = train(actor, topics)
    with pytest.raises(NotFound):
        get_job(stranger, name)
    with pytest.raises(NotFound):
        cancel_job(stranger, name)
    with pytest.raises(ModelNotFound):
        answer(stranger, ask(stranger, name))
    assert find_jobs(stranger) == [] and find_tuned_models(stranger) == []
    with pytest.raises(NotFound):
        create(stranger, topics)


def test_a_cancelled_job_trains_nothing(actor, topics):
    job = create(actor, topics)
    assert cancel_job(actor, job.name).status == "cancelled"
    drain()
    assert get_job(actor, job.name).status == "cancelled"
    assert not TunedModel.unscoped.exists()
    assert not Job.objects.exclude(state__in=(JobState.DONE,)).exists()
    with pytest.raises(InvalidRequest, match="has cancelled"):
        cancel_job(actor, job.name)


def test_what_was_trained_while_the_job_was_cancelled_is_thrown_away(actor, topics):
    job = create(actor, topics)
    _step(job)
    work = _load(job)
    cancel_job(actor, job.name)
    handler, claim = Drive(), _claim(job)
    outcome = asyncio.run(handler.perform(work))
    _commit(claim, outcome)
    assert not TunedModel.unscoped.exists()
    assert get_job(actor, job.name).status == "cancelled"


def test_a_training_whose_worker_was_lost_is_done_again_and_makes_one_model(actor, topics):
    job = create(actor, topics)
    _step(job)
    asyncio.run(Drive().perform(_load(job)))  # and lost before it could commit
    drain()
    assert get_job(actor, job.name).status == "succeeded"
    assert TunedModel.unscoped.count() == 1
    keys = list(JobEvent.unscoped.values_list("key", flat=True))
    assert len(keys) == len(set(keys))


def test_a_second_commit_of_the_same_training_changes_nothing(actor, topics):
    job = create(actor, topics)
    _step(job)
    handler, claim, work = Drive(), _claim(job), _load(job)
    outcome = asyncio.run(handler.perform(work))
    _commit(claim, outcome)
    events = JobEvent.unscoped.count()
    _commit(claim, outcome)
    assert (TunedModel.unscoped.count(), JobEvent.unscoped.count()) == (1, events)


def test_a_file_that_is_gone_fails_the_job(actor, topics):
    job = create(actor, topics)
    delete_object(actor, "training", "sets/topics.jsonl")
    drain()
    job.refresh_from_db()
    assert job.status == "failed" and "sets/topics.jsonl" in job.error
    assert find_events(actor, job.name)[-1].level == "error"


def test_a_job_that_is_given_up_says_why(actor, topics):
    job = create(actor, topics)
    with transaction.atomic():
        Drive().bury([(_claim(job), "the worker was lost 20 times")])
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "the worker was lost 20 times")


def _commit(claim, outcome):
    """As the queue does it."""
    with transaction.atomic():
        Drive().commit([(claim, outcome)])


def _claim(job):
    from jobs.handlers import Claim

    return Claim(
        id=job.pk,
        kind=KIND,
        subject=job.pk,
        payload={},
        organisation_id=job.organisation_id,
        attempt=1,
        max_attempts=3,
        fence=1,
    )


def _load(job):
    return Drive().load([_claim(job)])[job.pk]


def _step(job):
    handler, claim = Drive(), _claim(job)
    _commit(claim, asyncio.run(handler.perform(_load(job))))
    job.refresh_from_db()
    assert job.status == "running"


# -- which file and which model -----------------------------------------------------------------
def test_a_file_is_named_by_bucket_and_path_by_id_by_path_or_by_its_bucket(actor, topics):
    by_id = str(put_bytes(actor, "training", "notes.txt", b"x").pk)
    for name in (topics, "sets/topics.jsonl", "training"):
        assert create(actor, name).training_path == "sets/topics.jsonl"
    with pytest.raises(InvalidRequest, match="line 1: is not JSON"):
        create(actor, by_id)


def test_a_name_of_several_files_is_refused(actor, topics):
    put_bytes(actor, "training", "more.jsonl", b"x")
    put_bytes(actor, "other", "sets/topics.jsonl", b"x")
    for name in ("training", "sets/topics.jsonl"):
        with pytest.raises(InvalidRequest, match="several objects go by"):
            create(actor, name)
    with pytest.raises(NotFound):
        create(actor, "nothing")


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"model": "builtin/extractive"}, InvalidRequest),
        ({"model": "builtin/none"}, ModelNotFound),
        ({"epochs": 51}, InvalidRequest),
        ({"epochs": 0}, InvalidRequest),
        ({"suffix": "x" * 65}, InvalidRequest),
        ({"validation_file": "none"}, NotFound),
    ],
)
def test_what_cannot_be_trained_is_refused(actor, topics, wanted, error: type[DomainError]):
    given = {"model": BASE, "training_file": topics, **wanted}
    with pytest.raises(error):
        create_job(actor, **given)
    assert not FinetuningJob.unscoped.exists()


def test_answers_that_are_no_labels_are_refused_at_once(actor):
    said = [write_example([("user", "Hi"), ("assistant", f"Hello {i}")]) for i in range(60)]
    put_bytes(actor, "training", "chat.jsonl", b"".join(said))
    with pytest.raises(InvalidRequest, match="builtin trains classifiers only") as caught:
        create(actor, "training/chat.jsonl")
    assert caught.value.path == "training_file"


def test_a_tuned_model_is_no_base_for_another(actor, topics):
    name = train(actor, topics)
    with pytest.raises(InvalidRequest, match="cannot be fine-tuned"):
        create_job(actor, model=name, training_file=topics)
