"""The app's entry in Django's registry."""

from django.apps import AppConfig


class SurfacesConfig(AppConfig):
    name = "surfaces"
    verbose_name = "Surfaces"
