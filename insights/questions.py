"""What results ask, read from rows for a whole batch in a constant number of queries."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from conversations.models import Conversation, Message
from insights.evidence import Passage
from insights.models import Result, Status
from organisations.models import Organisation
from providers.routing import insight_model
from vocabulary.json import JsonObject
from wire.extraction import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The first messages of a conversation: as a model is shown them, and as they are stored."""

    lines: tuple[Line, ...] = ()
    passages: tuple[Passage, ...] = ()

    def cut(self, length: int) -> "Transcript":
        if length >= len(self.lines):
            return self
        return Transcript(lines=self.lines[:length], passages=self.passages[:length])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a pending result asks, and of which model."""

    organisation_id: uuid.UUID
    conversation_id: uuid.UUID
    instructions: str
    schema: JsonObject | None
    model: str
    metadata: Mapping[str, str]
    transcript: Transcript


def find_questions(result_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Question | None]:
    """The questions of those results that are pending, by the result's id; None where the template
    was deleted meanwhile."""
    results = list(
        Result.unscoped.filter(id__in=result_ids, status=Status.PENDING).select_related("version")
    )
    conversation_ids = {result.conversation_id for result in results}
    metadata = _find_metadata(conversation_ids)
    transcripts = find_transcripts(conversation_ids)
    models = _find_insight_models({result.organisation_id for result in results})
    return {
        result.id: Question(
            organisation_id=result.organisation_id,
            conversation_id=result.conversation_id,
            instructions=version.instructions,
            schema=version.json_schema,
            model=result.requested_model or version.model or models[result.organisation_id],
            metadata=metadata[result.conversation_id],
            transcript=transcripts[result.conversation_id].cut(result.transcript_length),
        )
        if (version := result.version)
        else None
        for result in results
    }


def _find_metadata(conversation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, str]]:
    conversations = Conversation.unscoped.filter(id__in=conversation_ids)
    return dict(conversations.values_list("id", "metadata"))


def _find_insight_models(organisation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    organisations = Organisation.objects.filter(id__in=organisation_ids)
    return {organisation.pk: insight_model(organisation) for organisation in organisations}


def find_transcripts(conversation_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Transcript]:
    """Of every conversation all its messages; an empty one where there are none."""
    rows = (
        Message.unscoped.filter(conversation_id__in=conversation_ids)
        .order_by("conversation_id", "seq")
        .values_list("conversation_id", "id", "role", "name", "text")
    )
    transcripts = defaultdict(Transcript)
    for conversation_id, messages in groupby(rows, key=itemgetter(0)):
        transcripts[conversation_id] = _transcript([message[1:] for message in messages])
    return transcripts


def _transcript(messages: Sequence[tuple[uuid.UUID, str, str, str]]) -> Transcript:
    return Transcript(
        lines=tuple(
            Line(index=index, role=role, name=name, text=text)
            for index, (_, role, name, text) in enumerate(messages)
        ),
        passages=tuple(Passage(id=str(id), text=text) for id, _, _, text in messages),
    )
