"""The models that may be asked."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference import queries
from surfaces.kit import reply
from surfaces.openai.surface import OpenAIView
from surfaces.openai.translate.models import render_model, render_models


class Models(OpenAIView):
    def get(self, request: Request) -> HttpResponse:
        return reply(render_models(queries.find_models(self.actor)))


class Model(OpenAIView):
    def get(self, request: Request, model: str) -> HttpResponse:
        """`model` may hold slashes, sent as they are or as `%2F`."""
        return reply(render_model(queries.get_model(self.actor, model)))
