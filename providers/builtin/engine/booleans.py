"""Yes or no: settled, to follow up, pleased, escalated; the rest by the nearest sentence."""

import re

from providers.builtin.engine.fields import Field, choose, rule
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.resolution import find_follow_up, find_resolved, find_unresolved
from providers.builtin.engine.sentiment import feel
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import Sentence, Turn

NO = re.compile(
    r"(?:no|nope|nah|not (?:really|yet|at all)|never|i (?:don|didn|haven|can|won)['’]?t)\b", re.I
)
YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|correct|that['’]?s (?:right|correct|me)|right|absolutely|exactly"
    r"|of course|please do|i (?:do|did|have|am|can|would))\b",
    re.I,
)
NEGATED = re.compile(r"\b(?:not|never|no|nobody|none|without|\w+n['’]t|cannot)\b", re.I)
ESCALATED = re.compile(
    r"\b(?:escalat\w+|(?:speak|talk|put\w* me through|transfer\w*)(?: me)? (?:to|with) (?:a "
    r"|your |the |my )?"
    r"(?:manager|supervisor)|formal complaint)\b",
    re.I,
)
ANSWERED_CONFIDENCE = 0.6
STATED_CONFIDENCE = 0.45


def find_boolean(study: Study, field: Field) -> Find | None:
    return choose(RULES, field, find_statement)(study, field)


def find_satisfied(study: Study, field: Field) -> Find | None:
    mood = study.once(feel)
    return found(mood.label != "negative", mood.spans, mood.confidence * 0.8) if mood else None


def find_dissatisfied(study: Study, field: Field) -> Find | None:
    mood = study.once(feel)
    return found(mood.label == "negative", mood.spans, mood.confidence * 0.8) if mood else None


def find_escalated(study: Study, field: Field) -> Find | None:
    sentences = study.transcript.sentences
    spans = [s.span for s in sentences if ESCALATED.search(s.text)]
    return found(True, spans[:2], 0.7) if spans else None


def find_statement(study: Study, field: Field) -> Find | None:
    """What the sentence nearest to the description says, or what was answered to it.

    None where no sentence is near: silence is neither yes nor no.
    """
    ranked = study.nearest(field.wanted, study.transcript.sentences)
    if not ranked or ranked[0][0] < study.sense.thresholds.says:
        return None
    sentence = ranked[0][1]
    reply = study.transcript.answer_after(sentence.turn)
    if sentence.text.endswith("?") and reply is not None:
        return _answered(sentence, reply)
    return found(not _opposes(field, sentence), [sentence.span], STATED_CONFIDENCE)


def _answered(question: Sentence, reply: Turn) -> Find | None:
    is_no, is_yes = NO.match(reply.text), YES.match(reply.text)
    if not (is_no or is_yes):
        return None
    said = is_no or is_yes
    spans = [question.span, reply.span(*said.span())] if said else []
    return found(not is_no, spans, ANSWERED_CONFIDENCE)


def _opposes(field: Field, sentence: Sentence) -> bool:
    """Whether one of the two is negated and the other is not."""
    return bool(NEGATED.search(sentence.text)) != bool(NEGATED.search(field.wanted))


RULES = (
    rule(
        find_unresolved, r"unresolved|not resolved|still open|issue open", r"not (?:been )?resolved"
    ),
    rule(
        find_follow_up,
        r"follow ?-?ups?(?: \w+)?|(?:needs?|requires?|wants?) (?:a )?call ?back|call ?back(?: \w+)?"
        r"|action (?:required|needed|pending)|pending",
        r"follow[ -]?ups?|call(?:ed)? back|still pending|contact \w+ \w+ again",
    ),
    rule(
        find_resolved,
        r"(?:is |was )?(?:\w+ )?resol\w+|solved|fixed|settled|issue closed|dealt with|(?:is "
        r"|was )?success\w*"
        r"|completed|goal (?:achieved|met)",
        r"resolved|solved|dealt with|settled",
    ),
    rule(
        find_escalated,
        r"escalat\w+(?: \w+)?|asked for (?:a )?(?:manager|supervisor)|complaint (?:made|raised)",
    ),
    rule(
        find_dissatisfied,
        r"(?:is |was )?(?:angry|upset|unhappy|frustrated|dissatisfied|negative)|(?:customer"
        r"|caller) "
        r"(?:angry|upset|unhappy|frustrated|dissatisfied)",
        r"customer (?:is|was|felt|sounded) (?:angry|upset|unhappy|frustrated|dissatisfied)",
    ),
    rule(
        find_satisfied,
        r"(?:is |was )?(?:satisfied|happy|pleased|positive)|(?:customer|caller) (?:satisfied"
        r"|happy|pleased)",
        r"customer (?:is|was|felt|sounded|left) (?:satisfied|happy|pleased)",
    ),
)
