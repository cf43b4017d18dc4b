"""The models that may be asked."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference import queries
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.models import (
    EMBEDDING_MODELS,
    MODELS,
    render_embedding_models,
    render_models,
)


class Models(TelnyxView):
    @promises(answer=MODELS)
    def get(self, request: Request) -> HttpResponse:
        """List the models."""
        return reply(render_models(queries.find_models(self.actor)))


class EmbeddingModels(TelnyxView):
    @promises(answer=EMBEDDING_MODELS)
    def get(self, request: Request) -> HttpResponse:
        """List the embedding models."""
        return reply(render_embedding_models(queries.find_embedding_models(self.actor)))
