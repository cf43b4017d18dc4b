"""What of a request is new to a conversation, when callers resend its whole history each time.

A conversation remembers short fingerprints of its newest messages (`tail`), and of the system
messages of the newest request that had any (`instructions`). Pure functions of those; the rules:

1. Where the front of the request overlaps the end of the conversation, what follows is new. The
   longest overlap counts. An answer that broke off may be missing from the request.
2. Without an overlap, a request that shows answers repeats a history we know in other words
   (edited, shortened): new is what follows its last answer.
3. Otherwise all of it is new: callers may send just what is said now.

System and developer messages stand apart: one is new when the request before did not have it.
"""

import hashlib
from collections.abc import Iterator, Sequence

import orjson

from conversations import parts
from vocabulary.chat import Message, Reasoning, Text, ToolCall
from vocabulary.json import Json

REMEMBERED = 64
"""Fingerprints kept in a tail."""
_BROKEN_OFF = "~"
"""Marks the fingerprint of an answer that broke off."""


def is_instruction(message: Message) -> bool:
    return message.role in {"system", "developer"}


def fingerprint(message: Message) -> str:
    """16 hexadecimal digits, the same for a message we stored and for its resent copy.

    Callers do not send reasoning back, join or split texts, and spell tool arguments anew.
    """
    name = message.name if message.role != "assistant" else None
    spelled = orjson.dumps([message.role, name, *_essence(message)], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(spelled, digest_size=8).hexdigest()


def new_messages(tail: Sequence[str], asked: Sequence[Message]) -> Sequence[Message]:
    """The messages of `asked` (without instructions) that the conversation does not have yet."""
    known = _overlap([fingerprint(message) for message in asked], tail)
    if tail and not known:
        known = _after_last_answer(asked)
    return asked[known:]


def new_instructions(known: Sequence[str], asked: Sequence[Message]) -> Sequence[Message]:
    """The system and developer messages that the request before did not have."""
    return [message for message in asked if fingerprint(message) not in known]


def extend(tail: Sequence[str], messages: Sequence[Message]) -> list[str]:
    """The tail once these were stored."""
    return [*tail, *map(fingerprint, messages)][-REMEMBERED:]


def extend_broken_off(tail: Sequence[str], messages: Sequence[Message]) -> list[str]:
    """The tail once these were stored, answers of which only the beginning came."""
    return [*tail, *(_BROKEN_OFF + fingerprint(message) for message in messages)][-REMEMBERED:]


def _essence(message: Message) -> Iterator[Json]:
    """What is left of the parts when nothing but their meaning counts."""
    text = ""
    for part in message.parts:
        if isinstance(part, Text):
            text += part.text
        elif not isinstance(part, Reasoning):
            if text:
                yield text
            text = ""
            yield _spell_call(part) if isinstance(part, ToolCall) else parts.dump(part)
    if text:
        yield text


def _spell_call(call: ToolCall) -> Json:
    try:
        arguments = orjson.dumps(orjson.loads(call.arguments), option=orjson.OPT_SORT_KEYS).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        arguments = call.arguments
    return [call.id, call.name, arguments]


def _overlap(said: Sequence[str], tail: Sequence[str]) -> int:
    """How many messages at the front of `said` the conversation has; 0 if none is recognised.

    Among equally long overlaps, a tail that is the whole conversation must stand at the front; one
    that is only its end should stand as late as it can.
    """
    is_whole = len(tail) < REMEMBERED
    overlaps = [(_matches(said, end, tail), end) for end in range(1, len(said) + 1)]
    matched, end = max(
        overlaps, key=lambda found: (found[0], -found[1] if is_whole else found[1]), default=(0, 0)
    )
    return end if matched else 0


def _matches(said: Sequence[str], end: int, tail: Sequence[str]) -> int:
    """How many messages of `said[:end]` agree with the tail, from their ends backwards until one
    side is exhausted; 0 if any does not. An answer that broke off may be left out."""
    left = end
    for stored in reversed(tail):
        if not left:
            break
        if said[left - 1] == stored.removeprefix(_BROKEN_OFF):
            left -= 1
        elif not stored.startswith(_BROKEN_OFF):
            return 0
    return end - left


def _after_last_answer(asked: Sequence[Message]) -> int:
    answers = [place for place, message in enumerate(asked) if message.role == "assistant"]
    return answers[-1] + 1 if answers else 0
