"""Speech both ways: each is counted, and comes in the format that was asked for."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from common.db import in_thread
from inference import recoding, sound, voices
from inference.origin import Origin
from inference.services import find_voices, speak, transcribe
from inference.speakers import Source, choose_voice, find_listeners, find_sources, get_kind
from organisations.actor import Actor, system
from organisations.models import Organisation
from providers.models import Power, Price, Provider
from providers.protocols import Account, Target
from providers.services import create_provider, update_provider
from providers.sounds import make_wav
from usage.models import UsageRecord
from vocabulary.chat import Usage
from vocabulary.errors import (
    DomainError,
    InvalidRequest,
    NotInstalled,
    UnsupportedMedia,
    UpstreamRefused,
    UpstreamTimedOut,
)
from vocabulary.speech import SpeechRequest, SpeechResponse, Voice
from vocabulary.transcription import Recording, TranscriptionRequest, TranscriptionResponse

ORIGIN = Origin(surface="test", request_id="req-1")
WAV = make_wav(bytes(48_000), 24_000)  # one second


class Loud:
    """Answers as it is told."""

    heard: TranscriptionResponse
    spoken: SpeechResponse
    error: DomainError | None
    asked: list[TranscriptionRequest]
    listed: list[str]

    async def transcribe(
        self, request: TranscriptionRequest, target: Target
    ) -> TranscriptionResponse:
        self.asked.append(request)
        if self.error:
            raise self.error
        return self.heard

    async def speak(self, request: SpeechRequest, target: Target) -> SpeechResponse:
        if self.error:
            raise self.error
        return self.spoken

    async def find_voices(self, account: Account) -> tuple[Voice, ...]:
        self.listed.append(account.name)
        if self.error:
            raise self.error
        return (Voice(id="v-1", name="Alloy", language="en-US"),)


@pytest.fixture
def loud() -> Iterator[type[Loud]]:
    Loud.heard = TranscriptionResponse(model="w", text="hi", duration=90.0)
    Loud.spoken = SpeechResponse(model="t", audio=b"mp3", format="mp3")
    Loud.error = None
    Loud.asked = []
    Loud.listed = []
    yield Loud


@pytest.fixture
def actor(transactional_db: None, settings: Any, loud: type[Loud]) -> Actor:
    """Its upstream `up` offers `whisper-x` (0.6 USD a minute) and `tts-x` (15 USD a million)."""
    settings.PROVIDERS = {"loud": "tests.inference.test_sound.Loud"}
    actor = system(Organisation.objects.create(slug="acme", name="Acme").pk)
    for pattern, price in (
        ("whisper-x", {"audio_minute": Decimal("0.6")}),
        ("tts-x", {"characters": Decimal(15)}),
    ):
        Price.objects.create(
            organisation_id=actor.organisation_id,
            pattern=f"up/{pattern}",
            starts_on=date(2020, 1, 1),
            prompt=Decimal(0),
            **price,
        )
    create_provider(
        actor,
        kind="loud",
        name="up",
        base_url="https://up.example.com",
        models=["whisper-x", "tts-x"],
    )
    return actor


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "x"
    path.write_bytes(WAV)
    return Recording(path=path, size=len(WAV))


async def entry(actor: Actor) -> UsageRecord:
    rows = UsageRecord.objects.for_organisation(actor.organisation_id)
    (only,) = await in_thread(lambda: list(rows.all()))
    return only


def listen(recording: Recording) -> TranscriptionRequest:
    return TranscriptionRequest(model="up/whisper-x", recording=recording, user="u-1")


# -- listening ----------------------------------------------------------------------------------
async def test_a_transcription_is_paid_by_its_seconds(actor: Actor, recording: Recording):
    response = await transcribe(actor, listen(recording), ORIGIN)
    assert (response.text, response.duration) == ("hi", 90.0)
    row = await entry(actor)
    assert (row.purpose, row.outcome, row.model) == ("transcription", "ok", "up/whisper-x")
    assert (row.audio_seconds, row.cost) == (Decimal(90), Decimal("0.9"))
    assert (row.end_user, row.estimated) == ("u-1", False)
    assert Loud.asked[0].recording.media_type == "audio/wav"


async def test_a_length_the_upstream_omits_is_measured(
    actor: Actor, recording: Recording, monkeypatch: pytest.MonkeyPatch
):
    async def one_second(recording: Recording) -> float:
        return 1.0

    Loud.heard = TranscriptionResponse(model="w", text="hi")
    monkeypatch.setattr(sound, "measure", one_second)
    response = await transcribe(actor, listen(recording), ORIGIN)
    assert response.duration == 1.0
    row = await entry(actor)
    assert (row.audio_seconds, row.estimated) == (Decimal(1), False)


async def test_a_length_nobody_can_tell_is_guessed_for_the_ledger_alone(
    actor: Actor, recording: Recording, monkeypatch: pytest.MonkeyPatch
):
    async def unknown(recording: Recording) -> None:
        return None

    Loud.heard = TranscriptionResponse(model="w", text="hi", usage=Usage(prompt_tokens=7))
    monkeypatch.setattr(sound, "measure", unknown)
    response = await transcribe(actor, listen(recording), ORIGIN)
    assert response.duration is None
    row = await entry(actor)
    assert row.audio_seconds == Decimal(str(round(len(WAV) / 16_000, 3)))
    assert (row.estimated, row.prompt_tokens) == (True, 7)


async def test_seconds_the_upstream_bills_are_the_length(actor: Actor, recording: Recording):
    Loud.heard = TranscriptionResponse(model="w", text="hi", usage=Usage(audio_seconds=4.0))
    assert (await transcribe(actor, listen(recording), ORIGIN)).duration == 4.0


async def test_the_file_itself_is_measured_here(recording: Recording):
    pytest.importorskip("soundfile")
    assert await recoding.measure(recording) == pytest.approx(1.0)
    recording.path.write_bytes(b"no sound")
    assert await recoding.measure(recording) is None


async def test_what_is_no_recording_is_refused_and_counted(actor: Actor, recording: Recording):
    recording.path.write_bytes(b"%PDF-1.7")
    with pytest.raises(UnsupportedMedia):
        await transcribe(actor, listen(recording), ORIGIN)
    row = await entry(actor)
    assert (row.outcome, row.error) == ("failed", "unsupported_media")
    assert Loud.asked == []


async def test_a_failed_transcription_is_counted(actor: Actor, recording: Recording):
    Loud.error = UpstreamTimedOut()
    with pytest.raises(UpstreamTimedOut):
        await transcribe(actor, listen(recording), ORIGIN)
    assert (await entry(actor)).error == "upstream_timeout"


# -- speaking -----------------------------------------------------------------------------------
def say(**asked: Any) -> SpeechRequest:
    return SpeechRequest(model="up/tts-x", text="a" * 1000, **asked)


async def test_speech_is_paid_by_its_characters(actor: Actor):
    assert (await speak(actor, say(), ORIGIN)).audio == b"mp3"
    row = await entry(actor)
    assert (row.purpose, row.characters, row.cost) == ("speech", 1000, Decimal("0.015"))


@pytest.mark.parametrize(
    ("format", "rate", "length"),
    [("pcm", 16_000, 32_000), ("mulaw", None, 8_000)],
)
async def test_a_format_the_upstream_lacks_is_made_here(
    actor: Actor, format: Any, rate: int | None, length: int
):
    pytest.importorskip("soundfile")
    Loud.spoken = SpeechResponse(model="t", audio=WAV, format="wav", sample_rate=24_000)
    response = await speak(actor, say(format=format, sample_rate=rate), ORIGIN)
    assert response.format == format
    assert len(response.audio) == pytest.approx(length, abs=4)
    assert response.sample_rate == (rate or 8_000)


async def test_speech_that_cannot_be_made_into_the_format_was_spoken_and_is_counted(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    def fail(*given: object) -> None:
        raise NotInstalled("no encoder")

    Loud.spoken = SpeechResponse(model="t", audio=WAV, format="wav")
    monkeypatch.setattr(recoding, "_recode", fail)
    with pytest.raises(NotInstalled):
        await speak(actor, say(format="ogg"), ORIGIN)
    assert (await entry(actor)).outcome == "ok"


async def test_a_failed_speech_is_counted(actor: Actor):
    Loud.error = UpstreamRefused(status=400)
    with pytest.raises(UpstreamRefused):
        await speak(actor, say(), ORIGIN)
    row = await entry(actor)
    assert (row.outcome, row.characters) == ("failed", 0)


async def test_a_model_of_another_power_is_refused(actor: Actor, recording: Recording):
    with pytest.raises(InvalidRequest):
        await speak(actor, SpeechRequest(model="up/whisper-x", text="x"), ORIGIN)
    with pytest.raises(InvalidRequest):
        await transcribe(actor, TranscriptionRequest(model="up/tts-x", recording=recording), ORIGIN)


# -- who speaks ---------------------------------------------------------------------------------
async def test_voices_are_found_by_kind_or_account(actor: Actor):
    for provider in ("", "loud", "up"):
        offered = await find_voices(actor, provider)
        assert [(one.account, one.provider, one.voice.id) for one in offered] == [
            ("up", "loud", "v-1")
        ]
    with pytest.raises(InvalidRequest, match="no upstream for provider 'nobody'"):
        await find_voices(actor, "nobody")


async def test_an_upstream_that_fails_is_left_out_of_all_and_told_of_alone(actor: Actor):
    Loud.error = UpstreamTimedOut()
    assert await find_voices(actor) == []
    with pytest.raises(UpstreamTimedOut):
        await find_voices(actor, "up")


async def test_a_voice_is_known_by_id_or_name(actor: Actor):
    source, *_ = await in_thread(find_sources, actor, Power.SPEECH)
    assert source == Source(account="up", upstream_id="tts-x", provider="loud")
    for name in ("alloy", "V-1"):
        assert await choose_voice(actor, source.model, name) == "v-1"
    for name in ("", "nobody"):
        assert await choose_voice(actor, source.model, name) == ""
    assert await get_kind(actor, "whisper-x", Power.TRANSCRIPTION) == "loud"


async def test_voices_are_listed_once_for_many_texts(actor: Actor):
    source, *_ = await in_thread(find_sources, actor, Power.SPEECH)
    for _ in range(3):
        assert await choose_voice(actor, source.model, "alloy") == "v-1"
    assert Loud.listed == ["up"]
    await find_voices(actor, "up")
    assert len(Loud.listed) == 2, "who asks for the list gets the list of now"


async def test_a_list_of_voices_ages_and_goes_with_what_the_account_was(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    source, *_ = await in_thread(find_sources, actor, Power.SPEECH)
    await choose_voice(actor, source.model, "alloy")
    [account] = await in_thread(lambda: list(Provider.unscoped.all()))
    await in_thread(partial(update_provider, actor, account.pk, api_key="another"))
    await choose_voice(actor, source.model, "alloy")
    assert len(Loud.listed) == 2
    monkeypatch.setattr(voices, "KEPT", 0.0)
    await choose_voice(actor, source.model, "alloy")
    assert len(Loud.listed) == 3


async def test_a_failed_list_of_voices_is_not_kept(actor: Actor):
    source, *_ = await in_thread(find_sources, actor, Power.SPEECH)
    Loud.error = UpstreamTimedOut()
    assert await choose_voice(actor, source.model, "alloy") == ""
    Loud.error = None
    assert await choose_voice(actor, source.model, "alloy") == "v-1"


async def test_few_lists_of_voices_are_kept(actor: Actor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(voices, "MOST", 2)
    monkeypatch.setattr(voices, "_kept", {})
    for _ in range(3):
        await voices.list_voices(Account(name="up", kind="loud", id=uuid4()))
    assert len(voices._kept) == 2


async def test_listeners_are_told_with_the_languages_the_catalogue_knows(actor: Actor):
    found = {one.source.model: one.languages for one in await in_thread(find_listeners, actor)}
    assert found == {"up/whisper-x": (), "builtin/listen": ("en",)}
