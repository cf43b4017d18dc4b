"""`manage.py create_admin EMAIL --password P [--organisation ORG]`."""

from typing import Any

from django.core.management.base import CommandParser

from organisations.commands import PlainCommand
from organisations.services import create_admin, get_organisation


class Command(PlainCommand):
    help = "Make a user of the admin: owner of one organisation, or administrator of everything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password", required=True)
        parser.add_argument("--organisation", default="")

    def answer(self, **options: Any) -> str:
        slug = options["organisation"]
        create_admin(
            options["email"],
            options["password"],
            organisation=get_organisation(slug) if slug else None,
        )
        return ""
