"""Run with a deployment's environment: makes the organisations of a journey, and prints the keys.

By the commands that operators have, but in one process: to start one takes a second.
"""

import io
import json

import django


def found() -> dict[str, str]:
    """By the name of the variable that a journey is told the key in."""
    for slug in ("journey", "other"):
        _printed("create_organisation", slug)
    return {
        "COLLOQUY_KEY": _printed("create_api_key", "journey"),
        "COLLOQUY_ACCESS_KEY": _printed("create_access_key", "journey"),
        "COLLOQUY_OTHER_KEY": _printed("create_api_key", "other"),
    }


def _printed(*command: str) -> str:
    from django.core.management import call_command

    said = io.StringIO()
    call_command(*command, stdout=said)
    return said.getvalue().strip()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(found()))
