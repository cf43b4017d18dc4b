"""Which voice a request means."""

import pytest

from providers.builtin.adapter import Builtin
from providers.builtin.speech.voices import USUAL, choose_voice, load_voices
from tests.providers.builtin.speech.asked import target
from vocabulary.errors import InvalidRequest


async def test_every_voice_is_listed_once_with_its_language():
    voices = await Builtin().find_voices(target("speak").account)
    assert len(voices) > 100
    assert len({voice.id for voice in voices}) == len(voices)
    assert all(voice.name and voice.language for voice in voices)
    [usual] = [voice for voice in voices if voice.id == USUAL]
    assert (usual.name, usual.language, usual.gender) == ("English (America)", "en-US", "male")


@pytest.mark.parametrize(
    ("asked", "language", "voice"),
    [
        ("", "", USUAL),
        ("gmw/en", "", "gmw/en"),
        ("GMW/EN-us", "", USUAL),
        ("english (scotland)", "", "gmw/en-GB-scotland"),
        ("fr-FR", "", "roa/fr"),
        ("pt_BR", "", "roa/pt-BR"),
        ("gmw/de", "fr", "gmw/de"),
        ("", "en-US", USUAL),
        ("", "en", "gmw/en"),
        ("", "en-GB", "gmw/en"),
        ("", "de-AT", "gmw/de"),
        ("", "zh-CN", "sit/cmn"),
        ("", "es_MX", "roa/es-419"),
    ],
)
def test_a_voice_is_found_by_id_name_or_language(asked, language, voice):
    assert choose_voice(asked, language).id == voice


def test_every_voice_is_chosen_by_its_own_id():
    assert all(choose_voice(voice.id, "") is voice for voice in load_voices())


@pytest.mark.parametrize(("asked", "language"), [("x", ""), ("-", ""), ("", "xx"), ("", "-")])
def test_what_nobody_speaks_is_refused(asked, language):
    with pytest.raises(InvalidRequest):
        choose_voice(asked, language)


def test_languages_are_spelled_as_elsewhere():
    spelled = {voice.id: voice.told().language for voice in load_voices()}
    assert spelled["roa/pt-BR"] == "pt-BR"
    assert spelled["gmw/en-GB-x-rp"] == "en-GB-x-rp"
