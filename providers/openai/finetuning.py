"""Training at upstreams of the OpenAI format; a mixin of their adapter.

Nothing is begun twice: before a file is sent or a job created, the server's lists are looked
through for what an earlier attempt with the same key left there.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from common import clock
from common.http import send
from providers.calling import naming
from providers.openai import finetuning_codec
from providers.openai.finetuning_codec import UploadedFile, file_name
from providers.protocols import Account, Target
from providers.replies import decode_error
from vocabulary.errors import InvalidRequest, UpstreamRefused
from vocabulary.finetuning import TuningEvent, TuningOrder, TuningState
from wire.http import HttpCall

MOST_PAGES: Final = 20
"""Of a hundred items each: what is further back is not looked at."""
_ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})


class Finetuning:
    """Trains models."""

    def check_examples(self, training: Path) -> None:
        """What these servers train on, they say themselves."""

    async def begin(self, order: TuningOrder, target: Target) -> TuningState:
        account = target.account
        training = await _ensure_file(account, order, "training", order.training)
        validation = None
        if order.validation is not None:
            validation = await _ensure_file(account, order, "validation", order.validation)
        if (found := await _find_job(account, training)) is not None:
            return found
        if not training.is_ready or (validation is not None and not validation.is_ready):
            return TuningState(id="", status="queued")
        call = finetuning_codec.encode_create(
            account,
            key=order.key,
            model=target.model,
            training=training.id,
            validation=validation.id if validation else "",
            epochs=order.epochs,
            suffix=order.suffix,
        )
        return finetuning_codec.decode_job(await _fetch(account, call))

    async def find(self, key: str, target: Target) -> TuningState | None:
        training = await _find_file(target.account, file_name(key))
        return None if training is None else await _find_job(target.account, training)

    async def look(self, job_id: str, target: Target, *, known: str = "") -> TuningState:
        account = target.account
        call = finetuning_codec.encode_get(account, job_id)
        state = finetuning_codec.decode_job(await _fetch(account, call))
        return replace(state, events=await _find_events(account, job_id, known))

    async def cancel(self, job_id: str, target: Target) -> TuningState:
        """A server refuses to cancel what has ended; that is then how it stands."""
        account = target.account
        try:
            await _fetch(account, finetuning_codec.encode_cancel(account, job_id))
        except UpstreamRefused:
            state = await self.look(job_id, target)
            if state.status not in _ENDED:
                raise
            return state
        return await self.look(job_id, target)


async def _ensure_file(
    account: Account, order: TuningOrder, role: str, content: Path
) -> UploadedFile:
    name = file_name(order.key, role)
    found = await _find_file(account, name)
    if found is None:
        call = finetuning_codec.encode_upload(account, name, content)
        found = finetuning_codec.decode_file(await _fetch(account, call))
    if found.is_broken:
        raise InvalidRequest(f"{role}_file", "the upstream cannot use this file")
    return found


async def _find_file(account: Account, name: str) -> UploadedFile | None:
    """Of several, after a race, always the same one: the one with the least id."""
    found: list[UploadedFile] = []

    def read(body: bytes) -> list[str]:
        files = finetuning_codec.decode_files(body)
        found.extend(file for file in files if file.name == name)
        return [file.id for file in files]

    await _walk(account, finetuning_codec.encode_files, read, lambda: bool(found))
    return min(found, key=lambda file: file.id, default=None)


async def _find_job(account: Account, training: UploadedFile) -> TuningState | None:
    found: list[TuningState] = []

    def read(body: bytes) -> list[str]:
        jobs = finetuning_codec.decode_jobs(body)
        found.extend(state for file_id, state in jobs if file_id == training.id)
        return [state.id for _, state in jobs]

    await _walk(account, finetuning_codec.encode_jobs, read, lambda: bool(found))
    return found[0] if found else None


async def _find_events(account: Account, job_id: str, known: str) -> tuple[TuningEvent, ...]:
    """Those that came after the `known` one, the oldest first."""
    found: list[TuningEvent] = []

    def read(body: bytes) -> list[str]:
        events = finetuning_codec.decode_events(body)
        found.extend(events)
        return [event.key for event in events]

    def encode(account: Account, after: str) -> HttpCall:
        return finetuning_codec.encode_events(account, job_id, after)

    await _walk(account, encode, read, lambda: bool(known) and any(e.key == known for e in found))
    timed = sorted(enumerate(found), key=lambda pair: (_when(pair[1]), -pair[0]))
    return tuple(event for _, event in timed)


def _when(event: TuningEvent) -> float:
    return event.at.timestamp() if event.at else 0.0


async def _walk(
    account: Account,
    encode: Callable[[Account, str], HttpCall],
    read: Callable[[bytes], list[str]],
    is_enough: Callable[[], bool],
) -> None:
    """Page after page of a list. `read` takes one in and answers the ids on it."""
    after = ""
    for _ in range(MOST_PAGES):
        body = await _fetch(account, encode(account, after))
        ids = read(body)
        if is_enough() or not ids or not finetuning_codec.has_more(body):
            return
        after = ids[-1]


async def _fetch(account: Account, call: HttpCall) -> bytes:
    with naming(account):
        reply = await send(call)
        if reply.status not in (200, 201):  # Azure creates with 201
            raise decode_error(reply, account.name, clock.now())
        return reply.body
