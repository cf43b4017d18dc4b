"""A short text that matches a regular expression: first choice at each fork, fewest repeats.

Reads the syntax that JSON Schema patterns are written in, without look-around and back references.
"""

import re
from collections.abc import Callable

import re2

from common.patterns import compiled

MOST_REPEATS = 100
CLASSES = {"d": "0", "w": "a", "s": " ", "D": "-", "W": "-", "S": "-"}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
# A pattern usually describes the whole text; in the words around it there are no anchors.
ANCHORS = re.compile(r"^\^|(?<!\\)\$$")
LETTERS = "aA0-_ .abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789,:;/@!#$%&"


def sample(pattern: str, length: int = 0) -> str | None:
    """A text of at least `length` characters that `pattern` is found in; None where none is."""
    try:
        judge = compiled(pattern)
        texts = (Sampler(pattern, extra).whole() for extra in (0, 1, length))
        return next((t for t in texts if len(t) >= length and judge.search(t)), None)
    except (re2.error, IndexError):
        return None


def first_match(pattern: str, text: str) -> str | None:
    """The first words of `text` that the whole of `pattern` matches; None where there are none."""
    try:
        whole = compiled(pattern)
        seeker = compiled(ANCHORS.sub("", pattern))
    except re2.error:
        return None
    match = seeker.search(text)
    return match[0] if match and match[0] and whole.fullmatch(match[0]) else None


class Sampler:
    """Reads a pattern once, from left to right; `extra` is how often open repeats repeat."""

    def __init__(self, pattern: str, extra: int) -> None:
        self._pattern, self._at, self._extra = pattern, 0, min(extra, MOST_REPEATS)

    def whole(self) -> str:
        return self._fork()

    def _fork(self) -> str:
        """Alternatives up to the end of the group; the first is taken."""
        first = self._row()
        while self._take("|"):
            self._row()
        return first

    def _row(self) -> str:
        text = ""
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            atom = self._atom()
            text += atom * self._repeats()
        return text

    def _repeats(self) -> int:
        least = 1
        if self._take("*") or self._take("?"):
            least = min(self._extra, 1 if self._pattern[self._at - 1] == "?" else self._extra)
        elif self._take("+"):
            least = max(1, self._extra)
        elif match := REPEAT.match(self._pattern, self._at):
            self._at = match.end()
            least = min(int(match[1]), MOST_REPEATS)
        self._take("?")
        return least

    def _atom(self) -> str:
        sign = self._next()
        readers: dict[str, Callable[[], str]] = {
            "(": self._group,
            "[": self._class,
            "\\": self._escape,
            ".": lambda: "a",
            "^": str,
            "$": str,
        }
        return readers[sign]() if sign in readers else sign

    def _group(self) -> str:
        if head := re.compile(r"\?(?::|P?<\w+>)").match(self._pattern, self._at):
            self._at = head.end()
        text = self._fork()
        self._take(")")
        return text

    def _escape(self) -> str:
        sign = self._next()
        if sign in "bB":
            return ""
        return CLASSES.get(sign) or CONTROLS.get(sign, sign)

    def _class(self) -> str:
        """The first character of the class; for a negated one, the first common one outside."""
        start = self._at
        self._take("^")
        self._take("]")
        while self._next() != "]":
            if self._pattern[self._at - 1] == "\\":
                self._at += 1
        judge = compiled("[" + self._pattern[start : self._at])
        return next((sign for sign in LETTERS if judge.fullmatch(sign)), "")

    def _next(self) -> str:
        sign = self._pattern[self._at]
        self._at += 1
        return sign

    def _take(self, sign: str) -> bool:
        if self._pattern.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False
