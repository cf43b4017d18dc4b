"""The models that may be asked."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference import queries
from surfaces.kit import reply
from surfaces.openai.surface import OpenAIView
from surfaces.openai.translate.models import MODEL, MODELS, render_model, render_models
from surfaces.promises import promises
from wire.shapes import TEXT


class Models(OpenAIView):
    @promises(answer=MODELS)
    def get(self, request: Request) -> HttpResponse:
        """List the models."""
        return reply(render_models(queries.find_models(self.actor)))


class Model(OpenAIView):
    @promises(answer=MODEL, path={"model": TEXT})
    def get(self, request: Request, model: str) -> HttpResponse:
        """Show a model.

        `model` may hold slashes, sent as they are or as `%2F`.
        """
        return reply(render_model(queries.get_model(self.actor, model)))
