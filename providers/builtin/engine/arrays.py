"""Lists: each item is a find of its own, with its own words."""

import re
from collections.abc import Callable

from providers.builtin.engine.choices import find_choices
from providers.builtin.engine.contacts import Mention, emails, phones, references
from providers.builtin.engine.dates import dates
from providers.builtin.engine.fields import Field, words
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.numbers import amounts, whole
from providers.builtin.engine.study import Study
from providers.builtin.engine.summaries import (
    find_keyphrases,
    find_nearest,
    find_undertakings,
    find_wish,
)
from vocabulary.json import Json

MOST = 5
MAX_MOST = 20

type Lister = Callable[[Study, Field, int], list[Find]]


def find_items(study: Study, field: Field, items: Json, most: int) -> list[Find]:
    """Items of a list of texts or of named values."""
    values = items.get("enum") if isinstance(items, dict) else None
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return find_choices(study, field, values, most)
    return _lister(field)(study, field, most)


def find_sums(study: Study, field: Field, most: int) -> list[Find]:
    """Every sum of money, once each."""
    return _distinct([found(whole(a.value), [a.span], 0.6) for a in study.once(amounts)])[:most]


# -- listers ------------------------------------------------------------------------------------
def _keyphrases(study: Study, field: Field, most: int) -> list[Find]:
    return find_keyphrases(study, most)


def _undertakings(study: Study, field: Field, most: int) -> list[Find]:
    return find_undertakings(study, most)


def _wishes(study: Study, field: Field, most: int) -> list[Find]:
    return find_wish(study, min(most, 2))


def _sentences(study: Study, field: Field, most: int) -> list[Find]:
    return find_nearest(study, field.wanted, most)


def _dates(study: Study, field: Field, most: int) -> list[Find]:
    spans = [
        m.sentence.turn.span(m.sentence.start + m.start, m.sentence.start + m.end)
        for m in study.once(dates)
    ]
    return _distinct([found(span.text, [span], 0.6) for span in spans])[:most]


def _mentions(finder: Callable[[Study], list[Mention]]) -> Lister:
    def listed(study: Study, field: Field, most: int) -> list[Find]:
        finds = [found(m.value, [m.turn.span(m.start, m.end)], 0.85) for m in study.once(finder)]
        return _distinct(finds)[:most]

    return listed


def _distinct(finds: list[Find]) -> list[Find]:
    """The first find of each value."""
    return list({str(find.value): find for find in reversed(finds)}.values())[::-1]


def _lister(field: Field) -> Lister:
    for text in (field.label, field.description):
        for pattern, lister in LISTERS:
            if pattern.search(text):
                return lister
    return _sentences


LISTERS: tuple[tuple[re.Pattern[str], Lister], ...] = (
    (words(r"e ?-?mails?(?: addresses)?"), _mentions(emails)),
    (words(r"(?:tele)?phones?|phone numbers|mobiles?"), _mentions(phones)),
    (
        words(r"ids|references?|(?:order|invoice|ticket|case|account) numbers?"),
        _mentions(references),
    ),
    (words(r"dates?|days|appointments?"), _dates),
    (
        words(
            r"action items?|actions?|next steps?|to ?-?dos?|tasks?|commitments?|promise[sd]?"
            r"|follow ?-?ups?|agreements?|agreed|still (?:has|have) to be done"
        ),
        _undertakings,
    ),
    (
        words(r"key ?words?|key ?phrases?|tags?|topics?|themes?|products?|entities"),
        _keyphrases,
    ),
    (
        words(r"issues?|problems?|complaints?|requests?|questions?|pain points?|needs?|reasons?"),
        _wishes,
    ),
)
