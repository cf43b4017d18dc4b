"""The base of commands whose whole output is one value, so that scripts can capture it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vocabulary.errors import DomainError


class PlainCommand(BaseCommand):
    """Prints what `answer` returns; an error of ours becomes one line on stderr and exit 1."""

    def answer(self, **options: Any) -> str:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = self.answer(**options)
        except DomainError as error:
            raise CommandError(error.message) from error
        if text:
            self.stdout.write(text)
