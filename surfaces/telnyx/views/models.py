"""The models that may be asked."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference import queries
from surfaces.kit import reply
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.models import render_embedding_models, render_models


class Models(TelnyxView):
    def get(self, request: Request) -> HttpResponse:
        return reply(render_models(queries.find_models(self.actor)))


class EmbeddingModels(TelnyxView):
    def get(self, request: Request) -> HttpResponse:
        return reply(render_embedding_models(queries.find_embedding_models(self.actor)))
