"""Django's routes: the admin (also from `/`), the API reference, each surface at its prefix."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import reference

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/docs/", reference.docs, name="docs"),
    path("api/schema/<str:surface>.json", reference.schema, name="schema"),
    *(path(f"{prefix}/", include(module)) for prefix, module in settings.SURFACES.items()),
]
