"""The insight templates of the demo organisation, all in one group that runs by default."""

from dataclasses import dataclass

from vocabulary.json import JsonObject


@dataclass(frozen=True, slots=True)
class SampleTemplate:
    name: str
    instructions: str
    json_schema: JsonObject | None = None


def _object(**properties: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEMPLATES = (
    SampleTemplate("Summary", "Summarise the conversation in at most three sentences."),
    SampleTemplate(
        "Outcome",
        "Was the customer's request dealt with, and does anybody still have to do something?",
        _object(
            resolved={
                "type": "boolean",
                "description": "True if the request was resolved by the end of the conversation",
            },
            follow_up_required={
                "type": "boolean",
                "description": "True if somebody still has to contact the customer or act",
            },
            sentiment={
                "type": "string",
                "enum": ["positive", "neutral", "negative"],
                "description": "How the customer felt about the conversation overall",
            },
        ),
    ),
    SampleTemplate(
        "Contact details",
        "Extract the contact details that were mentioned. Use null for what was not.",
        _object(
            customer_name={"type": ["string", "null"], "description": "Name of the customer"},
            phone={"type": ["string", "null"], "description": "Phone number of the customer"},
            email={"type": ["string", "null"], "description": "E-mail address of the customer"},
            reference={
                "type": ["string", "null"],
                "description": "Order, booking, invoice or ticket reference",
            },
        ),
    ),
)
