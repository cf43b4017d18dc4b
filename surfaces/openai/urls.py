"""The routes of this surface, below `/openai/v1/`; the last line answers for what is not there."""

from typing import Final

from django.urls import path, re_path

from surfaces.kit import unknown_route
from surfaces.live import LiveRoute
from surfaces.openai.surface import SURFACE
from surfaces.openai.views import chat, embeddings, models

__all__ = ["LIVE", "SURFACE", "urlpatterns"]

LIVE: Final = [
    LiveRoute(method="POST", path="chat/completions", handler=chat.complete),
    LiveRoute(method="POST", path="embeddings", handler=embeddings.embed),
]

urlpatterns = [
    path("models", models.Models.as_view()),
    path("models/<path:model>", models.Model.as_view()),
    re_path("", unknown_route(SURFACE)),
]
