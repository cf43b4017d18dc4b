"""The routes of this surface, below `/azure/`: for many models, and for one at
`deployments/{model}`, which clients of Azure OpenAI know as `openai/deployments/{model}`."""

from typing import Final

from django.urls import path, re_path

from surfaces.azure.surface import SURFACE
from surfaces.azure.views import chat, embeddings, info
from surfaces.kit import unknown_route
from surfaces.live import LiveRoute

__all__ = ["LIVE", "SURFACE", "urlpatterns"]

_PLACES: Final = ("", "models/", "deployments/{*deployment}/", "openai/deployments/{*deployment}/")
_HANDLERS: Final = {
    "chat/completions": chat.complete,
    "embeddings": embeddings.embed,
    "images/embeddings": embeddings.embed_images,
}

LIVE: Final = [
    LiveRoute(method="POST", path=place + path, handler=handler)
    for place in _PLACES
    for path, handler in reversed(_HANDLERS.items())
]

urlpatterns = [
    path("info", info.Info.as_view()),
    path("models/info", info.Info.as_view()),
    path("deployments/<path:deployment>/info", info.DeploymentInfo.as_view()),
    re_path("", unknown_route(SURFACE)),
]
