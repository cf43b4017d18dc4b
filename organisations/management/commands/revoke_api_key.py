"""`manage.py revoke_api_key PREFIX`."""

from typing import Any

from django.core.management.base import CommandParser

from organisations.actor import system
from organisations.commands import PlainCommand
from organisations.services import get_api_key, revoke_api_key


class Command(PlainCommand):
    help = "Revoke an API key; every process refuses it at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix")

    def answer(self, **options: Any) -> str:
        key = get_api_key(options["prefix"])
        revoke_api_key(key, by=system(key.organisation_id, "command line"))
        return ""
