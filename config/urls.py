"""Django's routes: the admin, the API reference, and each surface under its prefix."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config import reference

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/docs/", reference.docs, name="docs"),
    path("api/schema/<str:surface>.json", reference.schema, name="schema"),
    *(path(f"{prefix}/", include(module)) for prefix, module in settings.SURFACES.items()),
]
