"""The routes of this surface, below `/openai/v1/`; the last line answers for what is not there."""

from typing import Final

from django.urls import path, re_path

from surfaces.kit import unknown_route
from surfaces.live import LiveRoute
from surfaces.openai.surface import SURFACE
from surfaces.openai.views import chat, embeddings, fine_tuning, models, speech, transcriptions
from surfaces.raw import RawRoute

__all__ = ["LIVE", "SURFACE", "urlpatterns"]

LIVE: Final = [
    LiveRoute(method="POST", path="chat/completions", handler=chat.complete),
    LiveRoute(method="POST", path="embeddings", handler=embeddings.embed),
    LiveRoute(method="POST", path="audio/speech", handler=speech.speak),
    RawRoute(
        method="POST",
        path="audio/transcriptions",
        handler=transcriptions.transcribe,
        right="inference",
        most_bytes=transcriptions.MOST_BYTES,
    ),
    RawRoute(
        method="POST",
        path="audio/translations",
        handler=transcriptions.translate,
        right="inference",
        most_bytes=transcriptions.MOST_BYTES,
    ),
]

_TUNING: Final = "fine_tuning/jobs"

urlpatterns = [
    path(_TUNING, fine_tuning.Jobs.as_view()),
    path(f"{_TUNING}/<path:job_id>/cancel", fine_tuning.Cancel.as_view()),
    path(f"{_TUNING}/<path:job_id>/events", fine_tuning.Events.as_view()),
    path(f"{_TUNING}/<path:job_id>/checkpoints", fine_tuning.Checkpoints.as_view()),
    path(f"{_TUNING}/<path:job_id>", fine_tuning.Job.as_view()),
    path("models", models.Models.as_view()),
    path("models/<path:model>", models.Model.as_view()),
    re_path("", unknown_route(SURFACE)),
]
