"""Instructions without a schema: which kind of answer they want, and that answer as text."""

from providers.builtin.engine.booleans import find_boolean
from providers.builtin.engine.fields import Field, choose, rule
from providers.builtin.engine.find import Find, found
from providers.builtin.engine.numbers import find_count
from providers.builtin.engine.sentiment import find_rating
from providers.builtin.engine.strings import RULES as TEXT_RULES
from providers.builtin.engine.strings import find_summary
from providers.builtin.engine.study import Study
from providers.builtin.engine.summaries import find_nearest, find_undertakings

SENTENCES = 2
MOST_ACTIONS = 3


def answer(study: Study, instructions: str) -> Find | None:
    """Quoted text for `instructions`; None where nothing in the conversation is near to them."""
    field = Field(label="", schema={}, description=instructions)
    return choose(RULES, field, _sentences)(study, field)


def _sentences(study: Study, field: Field) -> Find | None:
    floor = study.sense.thresholds.related
    return _joined(find_nearest(study, field.description, SENTENCES, floor), " ")


def _actions(study: Study, field: Field) -> Find | None:
    return _joined(find_undertakings(study, MOST_ACTIONS), "\n")


def _yes_or_no(study: Study, field: Field) -> Find | None:
    find = find_boolean(study, field)
    return found("yes" if find.value else "no", find.spans, find.confidence) if find else None


def _number(study: Study, field: Field) -> Find | None:
    find = find_count(study, field)
    return found(str(find.value), find.spans, find.confidence) if find else None


def _rating(study: Study, field: Field) -> Find | None:
    find = find_rating(study, field)
    return found(str(find.value), find.spans, find.confidence) if find else None


def _joined(finds: list[Find], glue: str) -> Find | None:
    if not finds:
        return None
    ordered = sorted(finds, key=lambda find: (find.spans[0].message, find.spans[0].start))
    text = glue.join(str(find.value) for find in ordered)
    spans = [span for find in ordered for span in find.spans]
    return found(text, spans, max(find.confidence for find in ordered))


RULES = (
    rule(find_summary, r"summar\w+|overview|recap|sum up"),
    rule(_actions, r"action items?|next steps?|to ?-?dos?|promised|still (?:has|have) to be done"),
    rule(_number, r"how many|number of"),
    rule(_rating, r"rate|rating|csat|score|scale of"),
    rule(
        _yes_or_no,
        r"^(?:was|were|is|are|did|does|do|has|have|can|could|will)\b.*|whether|true or false"
        r"|yes or no",
    ),
    *TEXT_RULES,
)
