"""Django's routes: the admin, and each surface under its prefix."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    *(path(f"{prefix}/", include(module)) for prefix, module in settings.SURFACES.items()),
]
