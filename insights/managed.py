"""The templates that come with the server: every organisation has them and cannot edit them."""

from insights.models import Template
from insights.templates import Wording, add_template
from organisations.models import Organisation
from vocabulary.json import JsonObject

SCORES = ("Excellent", "Good", "Fair", "Poor", "N/A")


def _score(*meanings: str) -> JsonObject:
    """A score in words; `meanings` explain `SCORES` in their order."""
    explained = "; ".join(f"{s}: {m}" for s, m in zip(SCORES, meanings, strict=True))
    score: JsonObject = {"type": "string", "enum": list(SCORES), "description": explained}
    return {"type": "object", "properties": {"score": score}, "required": ["score"]}


SHIPPED: dict[str, Wording] = {
    "Summary": Wording(
        instructions="Summarise the conversation in one short paragraph, as context for whoever "
        "talks to this person next: what they wanted, what was done, and what is still open."
    ),
    "Agent instruction following": Wording(
        instructions="Judge how well the assistant kept to the instructions it was given. Quote "
        "what it said that shows this. Where no instructions are known, the score is N/A.",
        json_schema=_score(
            "every instruction was followed",
            "followed, with small slips",
            "some instructions were not followed",
            "the assistant ignored its instructions",
            "no instructions are known",
        ),
    ),
    "User satisfaction": Wording(
        instructions="Judge how satisfied the user was when the conversation ended, by their "
        "own words. Where they did not take part, the score is N/A.",
        json_schema=_score(
            "the user was delighted and thankful",
            "the user was satisfied, the matter was settled",
            "the user was neither pleased nor upset, or the matter was settled only in part",
            "the user was angry or frustrated, or nothing was settled",
            "the user did not take part",
        ),
    ),
}


def ensure_managed(organisation: Organisation) -> None:
    """Give `organisation` the shipped templates that it does not have yet."""
    managed = Template.objects.for_organisation(organisation).filter(is_managed=True)
    held = set(managed.values_list("name", flat=True))
    for name, wording in SHIPPED.items():
        if name not in held:
            add_template(organisation.pk, name=name, wording=wording, managed=True)
