"""The voices of the organisation's upstreams, and of this server itself."""

from typing import Final
from urllib.parse import parse_qs

from common import plugboard
from common.db import in_thread
from inference.queries import Power
from inference.speakers import OfferedVoice, find_sources, find_voices
from surfaces.kit import Answer
from surfaces.promises import Parameter, promises
from surfaces.raw import RawCall
from surfaces.telnyx.translate.queries import InvalidQuery, Query, find_text
from surfaces.telnyx.translate.speech import KINDS, OWN, PROVIDERS
from surfaces.telnyx.translate.voices import VOICES, VoicesRefused, render_voices
from vocabulary.errors import UpstreamRefused

MOST_PARAMETERS: Final = 20


@promises(
    answer=VOICES,
    query=(
        Parameter(name="provider", about="Only the voices of this one; all if it is left out."),
        Parameter(name="api_key", about="Taken and not used: keys belong to the accounts here."),
    ),
)
async def find(call: RawCall) -> Answer:
    """List voices."""
    provider = (find_text(_read_query(call.request.query), "provider") or "").lower()
    return Answer(body=render_voices(await _find_voices(call, provider)))


def _read_query(text: str) -> Query:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError as fault:
        raise InvalidQuery("", f"at most {MOST_PARAMETERS} parameters are read") from fault


async def _find_voices(call: RawCall, provider: str) -> list[OfferedVoice]:
    """Nothing of a provider that is known and has no account here."""
    if not provider:
        return await find_voices(call.actor)
    sources = await in_thread(find_sources, call.actor, Power.SPEECH)
    if provider == OWN:
        provider = sources[0].account if sources else provider
    kind = KINDS.get(provider, provider)
    if any(kind in (source.provider, source.account) for source in sources):
        try:
            return await find_voices(call.actor, kind)
        except UpstreamRefused as refusal:
            raise VoicesRefused("provider", refusal.message) from refusal
    if provider in PROVIDERS or kind in plugboard.names("PROVIDERS"):
        return []
    raise VoicesRefused("provider", f"'{provider[:60]}' is none of {', '.join(PROVIDERS)}")
