"""`manage.py create_access_key ORG [--name N] [--scopes a,b] [--expires DATE]`."""

from typing import Any

from organisations.actor import system
from organisations.management.commands import create_api_key
from organisations.services import create_access_key, get_organisation


class Command(create_api_key.Command):
    help = "Make a key that signs requests to buckets. Prints its id and its secret, once."

    def answer(self, **options: Any) -> str:
        organisation = get_organisation(options["organisation"])
        expires = options["expires"]
        key, secret = create_access_key(
            system(organisation.pk, "command line"),
            name=options["name"],
            scopes=options["scopes"].split(","),
            expires_at=create_api_key.parse_expiry(expires) if expires else None,
        )
        return f"{key.prefix} {secret.reveal()}"
