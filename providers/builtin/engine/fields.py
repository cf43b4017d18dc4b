"""A field that a schema asks for, and the rules that tell by its words how to find it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from providers.builtin.engine.find import Find
from providers.builtin.engine.study import Study
from vocabulary.json import Json, JsonObject

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-./]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`label` is the property's name in words, empty at the root.

    `description` is the schema's; where it has none, the instructions may stand in. It
    `may_be_null` also where another branch of the schema than this one says so.
    """

    label: str
    schema: JsonObject
    description: str = ""
    may_be_null: bool = False

    @property
    def wanted(self) -> str:
        """What is asked for, as a text to compare sentences with."""
        return f"{self.label}. {self.description}" if self.label else self.description

    def of(self, schema: JsonObject) -> "Field":
        """The same field with another schema, whose own description wins."""
        return replace(self, schema=schema, description=described(schema) or self.description)


type Finder = Callable[[Study, Field], Find | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`finder` finds fields whose label matches; or else, whose description does."""

    finder: Finder
    label: re.Pattern[str]
    description: re.Pattern[str]


def rule(finder: Finder, label: str, description: str = "") -> Rule:
    """Without `description` the label's words count there too."""
    return Rule(finder, words(label), words(description or label))


def choose(rules: Sequence[Rule], field: Field, default: Finder) -> Finder:
    """The finder of the first rule that matches the label, else the description."""
    by_label = (r.finder for r in rules if r.label.search(field.label))
    by_description = (r.finder for r in rules if r.description.search(field.description))
    return next(by_label, None) or next(by_description, default)


def child(name: str, schema: JsonObject, default: str = "") -> Field:
    """The field of a property."""
    return Field(label=words_of(name), schema=schema, description=described(schema) or default)


def words_of(name: str) -> str:
    """`agentName`, `agent_name` and `agent-name` are all `agent name`."""
    return CAMEL.sub(" ", name).strip().lower()


def described(schema: JsonObject) -> str:
    said: Json = schema.get("description") or schema.get("title")
    return said if isinstance(said, str) else ""


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.I)
