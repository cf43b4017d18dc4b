"""The program that speaks (`common.programs`): espeak-ng through its C functions.

espeak-ng is GPL-3: it runs apart from the server, as a separate program that is told what to say.
It is also of global state: only a fresh process gives the same bytes for the same text.

Ordered `{}`, it lists its voices. Ordered `{"voice", "pace", "is_ssml", "most_seconds"}` with a
text as bytes, it answers `{"rate"}` and signed 16-bit samples, or `{"fault": …}`: `"voice"` for one
that it does not have, `"length"` for a text that lasts longer.
"""

import ctypes
from collections.abc import Iterator

import espeakng_loader

from common.serving import Answer, serve
from vocabulary.json import JsonObject

# From espeak-ng's speak_lib.h.
SYNCHRONOUS = 2
DONT_EXIT = 0x8000
RATE = 1
CHARACTERS = 1
UTF8 = 1
SSML = 0x10
END_PAUSE = 0x1000
OK = 0
SPEAK_THE_TEXT_INSTEAD = 1
GENDERS = {1: "male", 2: "female"}


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_ON_SOUND = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
_ON_ADDRESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)


def _load() -> tuple[ctypes.CDLL, int]:
    """The library, ready to speak, and its sample rate."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, data, DONT_EXIT)
    if rate <= 0:
        raise RuntimeError("espeak-ng finds its data no more")
    return library, rate


def list_voices(library: ctypes.CDLL) -> Answer:
    listed = library.espeak_ListVoices(None)
    voices: list[JsonObject] = []
    while listed[len(voices)]:
        voice = listed[len(voices)].contents
        voices.append(
            {
                "id": voice.identifier.decode(),
                "name": voice.name.decode(),
                "gender": GENDERS.get(voice.gender, ""),
                "languages": list(_languages(voice.languages)),
            }
        )
    return Answer({"voices": [*voices]})


def _languages(address: int) -> Iterator[str]:
    """Each a byte of priority and a text that a zero ends; a priority of zero ends them."""
    while ctypes.string_at(address, 1) != b"\0":
        name = ctypes.string_at(address + 1)
        yield name.decode()
        address += len(name) + 2


def speak(library: ctypes.CDLL, rate: int, order: JsonObject, text: bytes) -> Answer:
    if library.espeak_SetVoiceByName(str(order["voice"]).encode()) != OK:
        return Answer({"fault": "voice"})
    most_seconds, pace = order["most_seconds"], order["pace"]
    assert isinstance(most_seconds, int) and isinstance(pace, int)
    sound = bytearray()
    most = most_seconds * rate * 2

    def keep(samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: object) -> int:
        """Anything but zero stops it."""
        if samples and count > 0:
            sound.extend(ctypes.string_at(samples, count * 2))
        return int(len(sound) > most)

    on_sound, on_address = _ON_SOUND(keep), _ON_ADDRESS(lambda *_: SPEAK_THE_TEXT_INSTEAD)
    library.espeak_SetSynthCallback(on_sound)
    library.espeak_SetUriCallback(on_address)
    library.espeak_SetParameter(RATE, pace, 0)
    flags = UTF8 | END_PAUSE | (SSML if order["is_ssml"] else 0)
    size = ctypes.c_size_t(len(text) + 1)
    library.espeak_Synth(text, size, 0, CHARACTERS, 0, flags, None, None)
    if len(sound) > most:
        return Answer({"fault": "length"})
    return Answer({"rate": rate}, bytes(sound))


def work(order: JsonObject, data: bytes) -> Answer:
    library, rate = _load()
    return speak(library, rate, order, data) if order else list_voices(library)


if __name__ == "__main__":
    serve(work)
