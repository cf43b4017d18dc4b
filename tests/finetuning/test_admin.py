"""The pages of fine-tuning jobs and of what came of them."""

import pytest
from django.test import Client

from finetuning.models import FinetuningJob
from finetuning.services import create_job
from jobs.testing import drain
from organisations.models import User
from providers.models import TunedModel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "a long password"))
    return client


def test_a_jobs_page_draws_its_course_and_lists_its_events(browser, actor, topics):
    job = create_job(actor, model="builtin/minilm", training_file=topics, suffix="<b>")
    drain()
    page = browser.get(f"/admin/finetuning/finetuningjob/{job.pk}/change/").content.decode()
    assert "<polyline" in page and "Epoch 3 of 3" in page
    assert "held-out accuracy" in page and "data-pending" not in page
    assert "<b>:" not in page
    listed = browser.get("/admin/finetuning/finetuningjob/").content.decode()
    assert "builtin/minilm" in listed
    models = browser.get("/admin/providers/tunedmodel/")
    assert models.status_code == 200 and "builtin/minilm" in models.content.decode()
    [tuned] = TunedModel.unscoped.all()
    page = browser.get(f"/admin/providers/tunedmodel/{tuned.pk}/change/")
    assert page.status_code == 200


def test_a_job_without_figures_has_no_drawing(browser, actor, topics):
    job = create_job(actor, model="builtin/minilm", training_file=topics)
    page = browser.get(f"/admin/finetuning/finetuningjob/{job.pk}/change/").content.decode()
    assert "<polyline" not in page
    assert 'id="finetuning-job" data-pending' in page
    assert FinetuningJob.unscoped.get().status == "queued"
