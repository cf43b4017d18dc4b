"""Characters and quantities as people say them: `double oh seven`, `P F 3 3`, `twenty four`.

Each reading keeps the place of the words it was read from, so that they can be quoted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6",
    "seventy": "7", "eighty": "8", "ninety": "9",
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3, "treble": 3}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
ZEROS = {"hundred": "00", "thousand": "000"}
SIGNS = {"dash": "-", "hyphen": "-", "slash": "/", "plus": "+"}
FILLERS = frozenset({"uh", "um", "er", "erm", "then"})
TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[+/-]")
# What may stand between two spoken characters.
GAP = re.compile(r"[\s,.]*")
MIN_DIGITS = 3
MIN_TOKENS = 3
MAX_CHARACTERS = 40


class Token(NamedTuple):
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spelled:
    """Characters read from `start:end`, such as `PF33190`."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quantity:
    value: float
    start: int
    end: int


class Reading(NamedTuple):
    """Characters read from tokens, and the index of the token after them."""

    characters: str
    after: int


def tokens(text: str) -> list[Token]:
    return [Token(m[0].lower(), m.start(), m.end()) for m in TOKEN.finditer(text)]


# -- characters ---------------------------------------------------------------------------------
def spelled(text: str) -> Iterator[Spelled]:
    """Runs of spoken or separately written characters with at least three digits in them."""
    said = tokens(text)
    at = 0
    while at < len(said):
        run = _run(text, said, at)
        if _is_spelled(run, run.after - at):
            yield Spelled(run.characters.upper(), said[at].start, said[run.after - 1].end)
        elif len(run.characters) < MAX_CHARACTERS:
            run = Reading("", at + 1)
        at = run.after


def _run(text: str, said: list[Token], at: int) -> Reading:
    """The longest run of characters from token `at` on; it may be empty."""
    characters, next_, last = "", at, at
    while next_ < len(said) and len(characters) < MAX_CHARACTERS:
        if next_ > at and not _joined(text, said[next_ - 1], said[next_]):
            break
        reading = _character(said, next_)
        if reading is not None:
            characters, next_ = characters + reading.characters, reading.after
            last = next_
        elif characters and said[next_].text in FILLERS:
            next_ += 1
        else:
            break
    return Reading(characters, last)


def _is_spelled(run: Reading, length: int) -> bool:
    """Whether a run of `length` tokens is a code rather than a chance meeting of short words.

    An article or a pronoun before digits is no letter of theirs; nor is a sign.
    """
    digits = sum(map(str.isdigit, run.characters))
    is_long = length >= MIN_TOKENS and digits >= MIN_DIGITS
    return is_long and not re.match(r"[ai]\d|[-/]", run.characters)


def _joined(text: str, left: Token, right: Token) -> bool:
    return GAP.fullmatch(text, left.end, right.start) is not None


def _character(said: list[Token], at: int) -> Reading | None:
    """The characters that the token at `at`, with its followers, stands for."""
    word = said[at].text
    following = said[at + 1].text if at + 1 < len(said) else ""
    if word in REPEATS and (one := DIGITS.get(following) or _single(following)):
        return Reading(one * REPEATS[word], at + 2)
    if word in TENS and (unit := DIGITS.get(following)) and unit != "0":
        return Reading(TENS[word] + unit, at + 2)
    if word in TENS:
        return Reading(TENS[word] + "0", at + 1)
    plain = DIGITS.get(word) or TEENS.get(word) or SIGNS.get(word) or _single(word)
    if plain is None:
        return None
    if following in ZEROS and plain.isdigit():
        return Reading(plain + ZEROS[following], at + 2)
    return Reading(plain, _after_explanation(said, at, plain))


def _single(word: str) -> str | None:
    """A letter that stands alone, a number written in digits, or a sign."""
    return word if word.isdigit() or len(word) == 1 else None


def _after_explanation(said: list[Token], at: int, letter: str) -> int:
    """`B for Bravo` and `B as in Bravo` are one letter."""
    for words in (("for",), ("as", "in")):
        end = at + 1 + len(words)
        if tuple(t.text for t in said[at + 1 : end]) == words and end < len(said):
            return end + 1 if said[end].text.startswith(letter) else at + 1
    return at + 1


# -- quantities ---------------------------------------------------------------------------------
NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.,])\d+(?:\.\d+)?(?!\w)"
)
_UNITS = {**DIGITS, **TEENS} | {word: tens + "0" for word, tens in TENS.items()}
del _UNITS["o"], _UNITS["oh"]
_WORD = "|".join([*_UNITS, *SCALES])
NUMBER_WORDS = re.compile(
    rf"\b(?:an? (?={'|'.join(SCALES)}))?(?:{_WORD})(?:(?: |-| and )(?:{_WORD}))*\b", re.I
)


def quantities(text: str) -> list[Quantity]:
    """Numbers in figures and in words, in the order of the text."""
    written = [Quantity(float(m[0].replace(",", "")), *m.span()) for m in NUMBER.finditer(text)]
    worded = [Quantity(_worth(m[0]), *m.span()) for m in NUMBER_WORDS.finditer(text)]
    return sorted(written + worded, key=lambda quantity: quantity.start)


def _worth(words: str) -> float:
    total = group = 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _UNITS:
            group += int(_UNITS[word])
        elif word == "hundred":
            group = (group or 1) * SCALES[word]
        elif word in SCALES:
            total, group = total + (group or 1) * SCALES[word], 0.0
    return total + group
