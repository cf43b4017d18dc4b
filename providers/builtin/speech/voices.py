"""The voices of `builtin/speak`, and which one a request means."""

import importlib.util
from dataclasses import dataclass
from functools import cache

from common.programs import Limits, Program
from vocabulary.errors import InvalidRequest, NotInstalled
from vocabulary.json import Json
from vocabulary.speech import Voice

PROGRAM = "providers.builtin.speech.voice_program"
USUAL = "gmw/en-US"
_LIMITS = Limits(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVoice:
    """`id` is the engine's path of it, as `gmw/en-US`; `languages` are lower case, best first."""

    id: str
    name: str
    gender: str
    languages: tuple[str, ...]

    def rank(self, tag: str) -> int | None:
        """How well it speaks a language, 0 being best; None if it does not."""
        if self.id.rpartition("/")[2].lower() == tag:
            return 0
        return self.languages.index(tag) + 1 if tag in self.languages else None

    def told(self) -> Voice:
        language = _written(self.languages[0]) if self.languages else ""
        return Voice(id=self.id, name=self.name, language=language, gender=self.gender)


@cache
def load_voices() -> tuple[OwnVoice, ...]:
    """Asked of the engine once a process. Raises `NotInstalled` or `ProgramFailed`."""
    check_installed()
    listed = Program(PROGRAM, _LIMITS).run({}).report["voices"]
    assert isinstance(listed, list)
    return tuple(sorted(map(_read, listed), key=lambda voice: voice.id))


def check_installed() -> None:
    if importlib.util.find_spec("espeakng_loader") is None:
        raise NotInstalled("builtin/speak needs the extra `speech`")


def choose_voice(asked: str, language: str) -> OwnVoice:
    """By identifier, name or language tag; without `asked`, by `language`, and without both the
    usual one. Raises `InvalidRequest`."""
    if not asked:
        return _speaker(language) if language else _known(USUAL)
    found = _by_language(asked) if _find(asked) is None else _find(asked)
    if found is None:
        raise InvalidRequest("voice", f"builtin/speak has no voice '{asked}'; one is '{USUAL}'")
    return found


def _known(name: str) -> OwnVoice:
    found = _find(name)
    assert found is not None, name
    return found


def _speaker(language: str) -> OwnVoice:
    """Of the language as it is tagged, else without its last subtags."""
    tag = language
    while tag:
        if (found := _by_language(tag)) is not None:
            return found
        tag = tag.replace("_", "-").rpartition("-")[0]
    raise InvalidRequest("language", f"builtin/speak does not speak '{language}'")


def _find(name: str) -> OwnVoice | None:
    wanted = name.lower()
    voices = load_voices()
    return next((v for v in voices if wanted in (v.id.lower(), v.name.lower())), None)


def _by_language(tag: str) -> OwnVoice | None:
    wanted = tag.lower().replace("_", "-")
    ranked = [(rank, v.id, v) for v in load_voices() if (rank := v.rank(wanted)) is not None]
    return min(ranked)[2] if ranked else None


def _read(told: Json) -> OwnVoice:
    assert isinstance(told, dict)
    languages = told["languages"]
    assert isinstance(languages, list)
    return OwnVoice(
        id=str(told["id"]),
        name=str(told["name"]),
        gender=str(told["gender"]),
        languages=tuple(str(language).lower() for language in languages),
    )


def _written(tag: str) -> str:
    """As BCP 47 likes it: regions in capitals, scripts with one."""
    first, *rest = tag.split("-")
    if "x" in rest:
        cut = rest.index("x")
        return "-".join([first, *map(_subtag, rest[:cut]), *rest[cut:]])
    return "-".join([first, *map(_subtag, rest)])


def _subtag(subtag: str) -> str:
    match len(subtag):
        case 2:
            return subtag.upper()
        case 4:
            return subtag.title()
        case _:
            return subtag
