"""`manage.py create_api_key ORG [--name N] [--scopes a,b] [--expires DATE]`."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from organisations.actor import EVERYTHING, system
from organisations.commands import PlainCommand
from organisations.services import create_api_key, get_organisation


def parse_expiry(text: str) -> datetime:
    """A date or time in ISO 8601; without an offset it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"'{text}' is not a date such as 2027-01-31") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(PlainCommand):
    help = "Make an API key. Prints the key, which is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation")
        parser.add_argument("--name", default="")
        parser.add_argument("--scopes", default=EVERYTHING, help="Comma-separated.")
        parser.add_argument("--expires", default="")

    def answer(self, **options: Any) -> str:
        organisation = get_organisation(options["organisation"])
        _, token = create_api_key(
            system(organisation.pk, "command line"),
            name=options["name"],
            scopes=options["scopes"].split(","),
            expires_at=parse_expiry(options["expires"]) if options["expires"] else None,
        )
        return token.reveal()
