"""`manage.py create_organisation SLUG [--name NAME] [--insight-model MODEL]`."""

from typing import Any

from django.core.management.base import CommandParser

from organisations.commands import PlainCommand
from organisations.services import create_organisation


class Command(PlainCommand):
    help = "Make an organisation. Prints its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", default="")
        parser.add_argument("--insight-model", default="")

    def answer(self, **options: Any) -> str:
        return create_organisation(
            options["slug"], name=options["name"], insight_model=options["insight_model"]
        ).slug
