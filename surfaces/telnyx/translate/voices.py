"""The voices that can be asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from surfaces.telnyx.translate.speech import KINDS
from vocabulary.errors import InvalidRequest
from vocabulary.json import Json, JsonObject
from wire.shapes import FLAG, TEXT, array, record, said

if TYPE_CHECKING:
    from inference.speakers import OfferedVoice

BUILTIN: Final = "builtin"
OURS: Final = {kind: name for name, kind in KINDS.items()}
"""What callers know our providers as."""

VOICES: Final = record(
    "Voices",
    {
        "voices": array(
            record(
                "Voice",
                {
                    "voice_id": said(TEXT, "Speak with it as `provider.voice_id`."),
                    "name": TEXT,
                    "provider": TEXT,
                    "language": TEXT,
                    "gender": TEXT,
                    "hosted": said(FLAG, "Whether this server speaks itself."),
                },
            )
        )
    },
)


class VoicesRefused(InvalidRequest):
    """The voices of this provider cannot be listed."""


def render_voices(voices: "Iterable[OfferedVoice]") -> JsonObject:
    return {"voices": [_render_voice(one) for one in voices]}


def _render_voice(offered: "OfferedVoice") -> Json:
    return {
        "voice_id": offered.voice.id,
        "name": offered.voice.name,
        "provider": OURS.get(offered.provider, offered.provider),
        "language": offered.voice.language,
        "gender": offered.voice.gender,
        "hosted": offered.provider == BUILTIN,
    }
