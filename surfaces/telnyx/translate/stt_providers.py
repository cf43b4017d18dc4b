"""Who transcribes: models of recordings, with the languages that the catalogue knows of them.

A recording is all that is taken here, so every model is for files alone. The three older names of
service types are read as the newer ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_text
from surfaces.telnyx.translate.speech import KINDS, OWN
from surfaces.telnyx.translate.voices import BUILTIN, OURS
from vocabulary.json import Json, JsonObject
from wire.shapes import FLAG, TEXT, WHOLE, array, record, said, word

if TYPE_CHECKING:
    from inference.speakers import Listener

FILES: Final = "file_based"
SERVICES: Final = ("streaming", FILES, "in_call", "ai_assistant")
_OLDER: Final = {
    "file_transcription": FILES,
    "in_call_transcription": "in_call",
    "ai_assistant_transcription": "ai_assistant",
}

STT_PROVIDERS: Final = record(
    "SttProviders",
    {
        "data": array(
            record(
                "SttProvider",
                {
                    "provider": TEXT,
                    "model": said(TEXT, "What a transcription may ask for."),
                    "hosted": said(FLAG, "Whether this server transcribes itself."),
                    "service_types": array(
                        record(
                            "SttService",
                            {
                                "type": word(FILES),
                                "languages": said(array(TEXT), "Empty where they are not known."),
                            },
                        )
                    ),
                },
            )
        ),
        "meta": record("SttProvidersMeta", {"total": WHOLE}),
    },
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; `kind` is that of a provider or the name of an account, empty for all."""

    kind: str
    service: str

    def takes(self, one: "Listener") -> bool:
        source = one.source
        theirs = self.kind in ("", source.provider, source.account)
        return theirs and self.service in ("", FILES)


def parse_wanted(query: Query) -> Wanted:
    """Raises InvalidQuery. Of a provider without an account here there is simply nothing."""
    service = find_text(query, "service_type") or ""
    service = _OLDER.get(service, service)
    if service and service not in SERVICES:
        raise InvalidQuery("service_type", f"must be one of {', '.join(SERVICES)}")
    provider = (find_text(query, "provider") or "").lower()
    return Wanted(BUILTIN if provider == OWN else KINDS.get(provider, provider), service)


def render_stt_providers(listeners: "Iterable[Listener]", wanted: Wanted) -> JsonObject:
    data = [_render(one) for one in listeners if wanted.takes(one)]
    return {"data": data, "meta": {"total": len(data)}}


def _render(one: "Listener") -> Json:
    source = one.source
    return {
        "provider": OURS.get(source.provider, source.provider),
        "model": source.model,
        "hosted": source.provider == BUILTIN,
        "service_types": [{"type": FILES, "languages": list(one.languages)}],
    }
