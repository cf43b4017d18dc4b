"""Reading a filter from left to right; every fault names the parameter it stands in."""

from typing import NoReturn

from vocabulary.errors import InvalidRequest


class Scanner:
    """A text and a place in it."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self._text = text
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place >= len(self._text)

    def fail(self, message: str) -> NoReturn:
        raise InvalidRequest(self.path, message)

    def take(self, literal: str) -> bool:
        """Step over `literal` if it stands here."""
        found = self._text.startswith(literal, self._place)
        if found:
            self._place += len(literal)
        return found

    def expect(self, literal: str) -> None:
        if not self.take(literal):
            self.fail(f"expected '{literal}' at position {self._place + 1}")

    def expect_end(self) -> None:
        if not self.at_end:
            self.fail(f"unexpected '{self._text[self._place]}' at position {self._place + 1}")

    def read_rest(self) -> str:
        rest, self._place = self._text[self._place :], len(self._text)
        return rest

    def read_until(self, *stops: str) -> str:
        """The text up to the nearest stop, or to the end."""
        found = (self._text.find(stop, self._place) for stop in stops)
        end = min((place for place in found if place >= 0), default=len(self._text))
        text, self._place = self._text[self._place : end], end
        return text

    def read_quotable(self, *stops: str) -> str:
        """The text up to the nearest stop, or a double-quoted one, in which `\\` escapes."""
        return self._read_quoted() if self.take('"') else self.read_until(*stops)

    def _read_quoted(self) -> str:
        text = ""
        while True:
            text += self.read_until('"', "\\")
            if self.take('"'):
                return text
            if not self.take("\\") or self.at_end:
                self.fail("a quoted value does not end")
            text += self._text[self._place]
            self._place += 1
