"""Django's routes: the admin (also from `/`), links to files, the API reference, each surface at
its prefix."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import reference
from config.signed_files import signed_file

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("files/<str:token>", signed_file, name="signed_file"),
    path("api/docs/", reference.docs, name="docs"),
    path("api/schema/<str:surface>.json", reference.schema, name="schema"),
    *(path(f"{prefix}/", include(module)) for prefix, module in settings.SURFACES.items()),
]
