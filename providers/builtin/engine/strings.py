"""Texts: contact data, names, dates, summaries, reasons; anything else is the nearest sentence.

What is found is cut or dropped to fit `maxLength` and `pattern`; it is never filled up.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import re2

from common.patterns import compiled
from providers.builtin.engine.contacts import find_email, find_phone, find_reference, references
from providers.builtin.engine.dates import find_date, find_slot, find_time
from providers.builtin.engine.fields import Field, Finder, Rule, choose, rule
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.names import find_agent, find_customer
from providers.builtin.engine.numbers import find_money
from providers.builtin.engine.samples import first_match
from providers.builtin.engine.sentiment import feel
from providers.builtin.engine.study import Study
from providers.builtin.engine.summaries import (
    find_nearest,
    find_undertakings,
    find_wish,
    sentences_asked_for,
    summarise,
)

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)]", re.I)
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{5}(?:-\d{4})?\b")
ROOM = 600


def find_string(study: Study, field: Field) -> Find | None:
    """Text for `field`. `format` decides first, then `pattern`, then the field's words."""
    wanted_format = field.schema.get("format")
    by_format = FORMATS.get(wanted_format) if isinstance(wanted_format, str) else None
    finder = by_format or choose(RULES, field, find_sentence)
    find = _labelled(study, field) or finder(study, field)
    pattern = field.schema.get("pattern")
    if isinstance(pattern, str):
        return _matching(study, find, pattern)
    return _fitted(find, field) if find else None


def _labelled(study: Study, field: Field) -> Find | None:
    """`Name: Jo Field`, where the text itself says what is what."""
    if not field.label or not study.has_labels:
        return None
    label = r"[ _-]".join(map(re.escape, field.label.split()))
    pattern = re.compile(
        rf"(?:^|[\n,;|])[ \t*-]*{label}\**[ \t]*[:=][ \t*]*([^\n,;|]*[^\s,;|])", re.I
    )
    for turn in study.transcript.turns:
        if match := pattern.search(turn.text):
            return found(match[1], [turn.span(*match.span(1))], 0.9)
    return None


# -- finders ------------------------------------------------------------------------------------
def find_sentence(study: Study, field: Field) -> Find | None:
    return next(iter(find_nearest(study, field.wanted)), None)


def find_summary(study: Study, field: Field) -> Find | None:
    most = sentences_asked_for(field.description)
    return summarise(study, most, _room(field))


def find_reason(study: Study, field: Field) -> Find | None:
    return next(iter(find_wish(study)), None)


def find_outcome(study: Study, field: Field) -> Find | None:
    return next(iter(find_undertakings(study)), None)


def find_mood(study: Study, field: Field) -> Find | None:
    mood = study.once(feel)
    return found(mood.label, mood.spans, mood.confidence * 0.85) if mood else None


def find_price(study: Study, field: Field) -> Find | None:
    """The sum of money as it was written."""
    find = find_money(study, field)
    return found(find.spans[0].text, find.spans, find.confidence) if find else None


def find_first_name(study: Study, field: Field) -> Find | None:
    return _part_of_name(find_customer(study, field), 0)


def find_last_name(study: Study, field: Field) -> Find | None:
    find = find_customer(study, field)
    return _part_of_name(find, -1) if find and " " in str(find.value) else None


def find_link(study: Study, field: Field) -> Find | None:
    return _first_match(study, LINK)


def find_postcode(study: Study, field: Field) -> Find | None:
    return _first_match(study, POSTCODE)


def _part_of_name(find: Find | None, part: int) -> Find | None:
    if find is None:
        return None
    return found(str(find.value).split()[part], find.spans, find.confidence)


def _first_match(study: Study, pattern: re.Pattern[str]) -> Find | None:
    for turn in (*study.transcript.of("customer"), *study.transcript.of("agent")):
        if match := pattern.search(turn.text):
            return found(match[0], [turn.span(*match.span())], 0.8)
    return None


# -- fitting ------------------------------------------------------------------------------------
def _room(field: Field) -> int:
    most = field.schema.get("maxLength")
    return most if isinstance(most, int) else ROOM


def _fitted(find: Find, field: Field) -> Find | None:
    """The find cut after the last whole word that `maxLength` has room for."""
    most = field.schema.get("maxLength")
    text = str(find.value)
    if not isinstance(most, int) or len(text) <= most:
        return find
    cut = text[: most + 1].rsplit(None, 1)[0] if " " in text[: most + 1] else ""
    return replace(find, value=cut) if 0 < len(cut) <= most else None


def _matching(study: Study, find: Find | None, pattern: str) -> Find | None:
    """`find` if its value matches; else a reference that does, else the first words that do."""
    try:
        judge = compiled(pattern)
    except re2.error:
        return None
    if find and judge.search(str(find.value)):
        return find
    for mention in study.once(references):
        if judge.search(mention.value):
            return found(mention.value, [mention.turn.span(mention.start, mention.end)], 0.6)
    return _said(study, pattern)


def _said(study: Study, pattern: str) -> Find | None:
    for turn in study.transcript.turns:
        if match := first_match(pattern, turn.text):
            start = turn.text.index(match)
            return found(match, [turn.span(start, start + len(match))], 0.6)
    return None


# -- which --------------------------------------------------------------------------------------
_CUSTOMER = r"(?:customer|caller|client|patient|guest|user|member|contact|buyer|lead)"
_AGENT = r"(?:agent|advis[oe]r|assistant|representative|rep|operator|employee|staff(?: member)?)"

FORMATS: Mapping[str, Finder] = {
    "email": find_email,
    "date": find_date,
    "date-time": find_date,
    "time": find_time,
    "uri": find_link,
}
RULES: tuple[Rule, ...] = (
    rule(find_email, r"e ?-?mails?(?: address)?"),
    rule(
        find_phone,
        r"(?:tele)?phone(?: \w+)?|mobile(?: \w+)?|cell(?: \w+)?|(?:call ?back|contact) number",
        r"(?:tele)?phone|mobile|cell|(?:call ?back|contact) number",
    ),
    rule(
        find_agent,
        rf"{_AGENT}(?:'?s| s)?(?: full)?(?: name)?",
        rf"(?:name of the (?:\w+ )?{_AGENT}|{_AGENT}(?:'s)? name)",
    ),
    rule(find_first_name, r"(?:first|given|fore) ?name"),
    rule(find_last_name, r"(?:last|family|sur) ?name"),
    rule(
        find_customer,
        rf"^(?:(?:{_CUSTOMER}|full|person|display) ?(?:s )?)*name$|^{_CUSTOMER}$",
        rf"name of the (?:\w+ )?{_CUSTOMER}|{_CUSTOMER}(?:'s)? (?:full )?name|who (?:called"
        rf"|is calling|was calling)",
    ),
    rule(find_postcode, r"post ?code|zip(?: ?code)?|postal code"),
    rule(find_link, r"urls?|links?|web ?site"),
    rule(
        find_reference,
        r"\w+ (?:id|ref|reference|number|no|code)|id|ref(?:erence)?|number",
        r"(?:reference|order|invoice|account|policy|ticket|case|booking|membership) (?:id"
        r"|number|reference|code)"
        r"|(?:ticket|policy|account|invoice|order|booking),? (?:or \w+ )?reference",
    ),
    rule(
        find_mood,
        r"sentiment|mood|emotion|tone|feelings?",
        r"sentiment|mood|emotion|(?:customer|caller) (?:felt|feels)",
    ),
    rule(
        find_summary,
        r"summary|overview|synopsis|recap|abstract|gist|description|notes?",
        r"summar\w+|overview|recap",
    ),
    rule(
        find_slot,
        r"appointment(?: \w+)?|slot|when|date ?(?:and|&)? ?time|scheduled(?: \w+)?"
        r"|visit(?: \w+)?|due|deadline",
        r"date and time|time slot|when (?:the|it|they|is|was)",
    ),
    rule(find_date, r"dates?|day|(?:\w+ )date", r"the date"),
    rule(find_time, r"time|hour", r"time of day"),
    rule(
        find_outcome,
        r"outcome|resolution|result|solution|next steps?|actions?(?: \w+)?|agreed|agreement"
        r"|promises?|commitments?"
        r"|follow ?-?ups?(?: \w+)?",
        r"what was (?:agreed|promised|done)|next steps?|promised|outcome",
    ),
    rule(
        find_reason,
        r"reason(?: \w+)*|(?:\w+ )?(?:issue|problem|complaint|request|inquiry|enquiry|question"
        r"|intent|purpose|need)"
        r"|topic|subject|pain points?|wanted",
        r"reason (?:for|why)|why the (?:customer|caller)|what the (?:customer"
        r"|caller) (?:wanted|asked|needs?)|main (?:issue|problem)",
    ),
    rule(
        find_price,
        r"amount|price|cost|fee|charge|total|budget|refund|deposit",
        r"(?:amount of )?money|price",
    ),
)
