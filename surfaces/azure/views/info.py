"""What the model behind an endpoint is."""

from django.http import HttpResponse
from rest_framework.request import Request

from inference import queries
from surfaces.azure.surface import AzureView
from surfaces.azure.translate.info import INFO, render_info
from surfaces.azure.views.deployments import VERSION
from surfaces.kit import reply
from surfaces.promises import promises
from wire.shapes import TEXT


class Info(AzureView):
    @promises(answer=INFO, query=VERSION)
    def get(self, request: Request) -> HttpResponse:
        """Show the organisation's default chat model."""
        default = queries.get_default_model(self.actor)
        return reply(render_info(queries.get_model(self.actor, default)))


class DeploymentInfo(AzureView):
    @promises(answer=INFO, query=VERSION, path={"deployment": TEXT})
    def get(self, request: Request, deployment: str) -> HttpResponse:
        """Show a deployment's model; its name may hold slashes."""
        return reply(render_info(queries.get_model(self.actor, deployment)))
