"""Money, counts and ratings: which of the numbers that were said is the one that is wanted."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from providers.builtin.engine.fields import Field, choose, rule
from providers.builtin.engine.find import Find, found, stems
from providers.builtin.engine.sense import COMMON
from providers.builtin.engine.sentiment import find_rating
from providers.builtin.engine.spoken import Quantity, quantities
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence, Span

BEFORE_MONEY = re.compile(r"(?:[£$€]|\b(?:usd|gbp|eur)) ?$", re.I)
AFTER_MONEY = re.compile(
    r"\s?(?:[£$€]|(?:pounds?|dollars?|euros?|quid|bucks?|usd|gbp|eur|pence|cents?)\b)", re.I
)
SMALL_MONEY = re.compile(r"\s?(?:pence|cents?)\b", re.I)
RECURRING = re.compile(
    r"\s?(?:/|an? |per |each |every )?(?:month|year|week|annum|monthly|in total)\b", re.I
)
PRICE_SHAPE = re.compile(r"\d+\.\d\d")
UNIT_PRICE = re.compile(
    r".{0,12}\b(?:per|each|every|an?) (?:user|person|head|seat|item|unit|licen[cs]e)", re.I
)
MONEY_CUE = re.compile(
    r"\b(?:total|altogether|refund\w*|charged?|price|cost\w*|fee|pay\w*|comes to|that['’]s|bill"
    r"|balance|owe|deposit|budget|credit|quote\w*)\b",
    re.I,
)
LONGEST_SIGN = 5
NEAR = 60
WINDOW = 30
NEXT_WORDS = 14
AGAIN = 0.4
CENT = 0.01


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a sentence; `score` says how likely it is the one that is wanted."""

    value: float
    sentence: Sentence
    start: int
    end: int
    score: float

    @property
    def span(self) -> Span:
        return self.sentence.turn.span(
            self.sentence.start + self.start, self.sentence.start + self.end
        )

    @property
    def near(self) -> str:
        text = self.sentence.text
        return text[max(self.start - WINDOW, 0) : self.end + WINDOW]


# -- money --------------------------------------------------------------------------------------
def amounts(study: Study) -> list[Amount]:
    """The sums of money that were said, each with how surely it is one."""
    said = [a for sentence in study.transcript.sentences for a in _amounts(sentence)]
    often = Counter(amount.value for amount in said)
    return [_scored(a, a.score + AGAIN * min(often[a.value] - 1, 3)) for a in said]


def _amounts(sentence: Sentence) -> Iterator[Amount]:
    for number in quantities(sentence.text):
        mark = _money_mark(sentence.text, number)
        if mark:
            yield _amount(sentence, number, mark)


def _money_mark(text: str, number: Quantity) -> float:
    """How surely a number is money by the signs and words around it; 0: it is none."""
    if _sign_before(text, number) or AFTER_MONEY.match(text, number.end):
        return 1.0
    if PRICE_SHAPE.fullmatch(text[number.start : number.end]):
        return 0.8
    return 0.7 if RECURRING.match(text, number.end) and MONEY_CUE.search(text) else 0.0


def _sign_before(text: str, number: Quantity) -> str:
    """The currency before a number, with the blank between; empty where none is."""
    match = BEFORE_MONEY.search(text[max(number.start - LONGEST_SIGN, 0) : number.start])
    return match[0] if match else ""


def _amount(sentence: Sentence, number: Quantity, mark: float) -> Amount:
    """The sum with its sign and its currency's name as part of the quotation."""
    text = sentence.text
    before = _sign_before(text, number)
    after = AFTER_MONEY.match(text, number.end)
    start = number.start - len(before)
    end = after.end() if after else number.end
    small = SMALL_MONEY.match(text, number.end)
    cue = 0.3 * bool(MONEY_CUE.search(text, max(start - NEAR, 0), start))
    score = mark + cue - 0.5 * bool(UNIT_PRICE.match(text, end)) - 0.3 * bool(small)
    value = round(number.value * CENT, 2) if small else number.value
    return Amount(value, sentence, start, end, score)


def _scored(amount: Amount, score: float) -> Amount:
    return Amount(amount.value, amount.sentence, amount.start, amount.end, score)


def find_money(study: Study, field: Field) -> Find | None:
    said = study.once(amounts)
    if not said:
        return None
    wanted = set(stems(field.wanted)) - COMMON

    def fit(amount: Amount) -> float:
        shared = len(wanted & set(stems(amount.near)))
        return amount.score + 0.15 * shared + 0.1 * amount.sentence.turn.place

    best = max(said, key=fit)
    return found(whole(best.value), [best.span], 0.75 if len(said) == 1 else 0.6)


# -- counts -------------------------------------------------------------------------------------
def find_count(study: Study, field: Field) -> Find | None:
    """The number that stands nearest to the field's own words, said or asked."""
    wanted = set(stems(f"{field.label} {field.description}")) - COMMON - {"numbe", "count"}
    options = [
        (_shared(study, wanted, sentence, number), sentence, number)
        for sentence in study.transcript.sentences
        for number in quantities(sentence.text)
    ]
    fit, sentence, number = max(options, key=lambda o: o[0], default=(0.0, None, None))
    if sentence is None or number is None or fit < 1:
        return None
    span = sentence.turn.span(sentence.start + number.start, sentence.start + number.end)
    return found(whole(number.value), [span], 0.4 + 0.1 * min(fit, 3))


def _shared(study: Study, wanted: set[str], sentence: Sentence, number: Quantity) -> float:
    text = sentence.text
    near = set(stems(text[max(number.start - WINDOW, 0) : number.end + WINDOW]))
    next_ = set(stems(text[number.end : number.end + NEXT_WORDS]))
    asked = set(stems(study.transcript.question_before(sentence.turn)))
    is_money = _money_mark(text, number) > 0
    said = len(wanted & near) + 0.5 * len(wanted & next_)
    return said + 0.6 * len(wanted & (asked - near)) - 0.5 * is_money


def whole(value: float) -> int | float:
    """`348` rather than `348.0`."""
    return int(value) if value == int(value) else value


# -- which ---------------------------------------------------------------------------------------
RULES = (
    rule(
        find_rating,
        r"csat|satisf\w+|nps|rating|stars?|(?:sentiment|mood|happiness|emotion)(?: \w+)?|score",
        r"csat|satisf\w+|nps|sentiment|mood|happy|happiness",
    ),
    rule(
        find_money,
        r"amount|price|cost|fee|charged?|total|budget|refund(?:ed)?|payment|money|deposit|balance"
        r"|value|spend|revenue|(?:usd|gbp|eur)",
        r"amount|price|cost|fee|charge|money|budget|refund|(?:in )?(?:usd|dollars|pounds|euros?)",
    ),
)


def find_number(study: Study, field: Field) -> Find | None:
    return choose(RULES, field, find_count)(study, field)
