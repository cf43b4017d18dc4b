"""The app's entry in Django's registry. Registers the system checks and nothing else."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Config"

    def ready(self) -> None:
        from config.checks import plugboard, production

        register(plugboard.check_plugboard, "plugboard")
        register(production.check_served, Tags.security)
        register(production.check_deployed, Tags.security, deploy=True)
        register(production.check_database, Tags.database)
