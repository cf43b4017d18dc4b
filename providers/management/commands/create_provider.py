"""`manage.py create_provider ORG --kind K --name N --base-url URL --api-key KEY --models M1,M2`."""

from typing import Any

from django.core.management.base import CommandParser

from organisations.actor import system
from organisations.commands import PlainCommand
from organisations.services import get_organisation
from providers.services import create_provider


class Command(PlainCommand):
    help = "Add an upstream account. Prints its id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation")
        parser.add_argument("--kind", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--base-url", default="")
        parser.add_argument("--api-key", default="")
        parser.add_argument("--models", default="", help="The upstream's model ids, by commas.")

    def answer(self, **options: Any) -> str:
        organisation = get_organisation(options["organisation"])
        provider = create_provider(
            system(organisation.pk, "command line"),
            kind=options["kind"],
            name=options["name"],
            base_url=options["base_url"],
            api_key=options["api_key"],
            models=options["models"].split(","),
        )
        return str(provider.pk)
