"""The stopwatch and the bill of one inference: what becomes its entry in the ledger."""

from decimal import Decimal

from prometheus_client import Counter

from common import clock
from inference.origin import Origin
from organisations.actor import Actor
from providers.protocols import Target
from usage.ledger import Entry
from usage.models import Outcome
from vocabulary.chat import Usage
from vocabulary.errors import DomainError, UpstreamError

UPSTREAM_ERRORS = Counter(
    "colloquy_upstream_errors", "What upstreams did wrong, by their kind", ["kind", "code"]
)
_NOTHING = Usage()
_NAME_LENGTH = 200
_REQUEST_ID_LENGTH = 80


class Meter:
    """Starts with the request; writes one entry, whatever comes of it."""

    __slots__ = (
        "_actor",
        "_model",
        "_started",
        "_target",
        "_to_first",
        "_under_way",
        "_user",
        "origin",
    )

    def __init__(self, actor: Actor, model: str, user: str | None, origin: Origin) -> None:
        self._actor = actor
        self._model = model
        self._user = user or ""
        self.origin = origin
        self._target: Target | None = None
        self._to_first: int | None = None
        self._under_way = _NOTHING
        self._started = clock.monotonic()

    def served_by(self, target: Target) -> None:
        """From here on, `target` is who is paid."""
        self._target = target

    def note_content(self) -> None:
        """A piece of the answer is here; the first call stops the time to the first token."""
        if self._to_first is None:
            self._to_first = self._elapsed_ms()

    def spent(self, usage: Usage) -> None:
        """What an answer that is made in several steps has used so far; nothing once it is whole.
        It is counted even if the rest never comes."""
        self._under_way = usage

    def succeeded(self, usage: Usage) -> Entry:
        return self._entry(Outcome.OK, usage)

    def failed(self, error: Exception, usage: Usage = _NOTHING) -> Entry:
        code = error.code if isinstance(error, DomainError) else "internal"
        if isinstance(error, UpstreamError) and self._target is not None:
            UPSTREAM_ERRORS.labels(self._target.account.kind, code).inc()
        return self._entry(Outcome.FAILED, self._under_way + usage, code)

    def hung_up(self, usage: Usage) -> Entry:
        """The caller did not wait; what no upstream was asked for is not counted."""
        return self._entry(
            Outcome.HUNG_UP, _NOTHING if self._target is None else self._under_way + usage
        )

    def _entry(self, outcome: Outcome, usage: Usage, error: str = "") -> Entry:
        target, origin = self._target, self.origin
        tariff = target.tariff if target is not None else None
        return Entry(
            organisation_id=self._actor.organisation_id,
            api_key_id=self._actor.key_id,
            requested_model=self._model[:_NAME_LENGTH],
            model=target.name[:_NAME_LENGTH] if target is not None else "",
            served_by=target.account.name if target is not None else "",
            surface=origin.surface,
            request_id=origin.request_id[:_REQUEST_ID_LENGTH],
            purpose=origin.purpose,
            conversation_id=origin.conversation_id,
            streamed=origin.streamed,
            end_user=self._user[:_NAME_LENGTH],
            outcome=outcome.value,
            error=error,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            audio_tokens=usage.audio_tokens,
            audio_seconds=Decimal(str(round(usage.audio_seconds, 3))),
            characters=usage.characters,
            estimated=usage.estimated,
            cost=tariff.cost(usage) if tariff is not None else None,
            latency_ms=self._elapsed_ms(),
            first_token_ms=self._to_first,
        )

    def _elapsed_ms(self) -> int:
        return round((clock.monotonic() - self._started) * 1000)
