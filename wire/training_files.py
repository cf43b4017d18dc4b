"""Training files: JSONL in which every line is a chat that ends with the answer to learn.

`{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`. A fault
is told with the number of its line. Lines are read one at a time: files may be larger than memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import orjson

from vocabulary.errors import InvalidRequest
from vocabulary.json import Json

ROLES: Final = ("system", "developer", "user", "assistant", "tool")
ORDERS: Final = frozenset({"system", "developer"})
LEAST_EXAMPLES: Final = 10
MAX_EXAMPLES: Final = 100_000
MAX_LINE: Final = 1_000_000  # bytes
MAX_MESSAGES: Final = 1_000
_BLANK: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the two said; `role` is theirs in the file."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """`turns` are those before the answer. Orders of the system are no turns of the talk."""

    number: int
    turns: tuple[Turn, ...]
    answer: str


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """A file's lines, none held beyond what a line may have: the next piece of it follows."""
    while line := file.readline(MAX_LINE + 2):
        yield line


def read_examples(lines: Iterable[bytes], path: str = "training_file") -> Iterator[Example]:
    """The examples of a file's lines. Raises `InvalidRequest` at `path` for the first bad line,
    and for a file with too few or too many of them."""
    count = 0
    for number, line in enumerate(lines, start=1):
        if len(line.rstrip(b"\n")) > MAX_LINE:
            raise _fault(path, number, f"is longer than {MAX_LINE} bytes")
        if not line.strip(_BLANK):
            continue
        count += 1
        if count > MAX_EXAMPLES:
            raise InvalidRequest(path, f"has more than {MAX_EXAMPLES} examples")
        yield _read_example(line, path, number)
    if count < LEAST_EXAMPLES:
        raise InvalidRequest(path, f"has {count} examples; at least {LEAST_EXAMPLES} are needed")


def material(turns: Iterable[Turn]) -> str:
    """What a classifier reads of a talk: the words of a single turn as they are, those of several
    with who said them, one turn a line. The same in training and in use. What the system orders is
    left out; a tool's words are the assistant's."""
    said = [turn for turn in turns if turn.role not in ORDERS and turn.text.strip()]
    if len(said) == 1:
        return said[0].text
    return "\n".join(
        f"{'user' if turn.role == 'user' else 'assistant'}: {turn.text}" for turn in said
    )


def write_example(messages: Sequence[tuple[str, str]]) -> bytes:
    """A line, with its end; each message is a role and its text."""
    spelled = [{"role": role, "content": text} for role, text in messages]
    return orjson.dumps({"messages": spelled}) + b"\n"


def _read_example(line: bytes, path: str, number: int) -> Example:
    try:
        body: Json = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _fault(path, number, f"is not JSON: {error}") from error
    messages = body.get("messages") if isinstance(body, Mapping) else None
    if not isinstance(messages, list):
        raise _fault(path, number, 'must be an object with a list "messages"')
    if not 2 <= len(messages) <= MAX_MESSAGES:
        raise _fault(path, number, f"must have 2 to {MAX_MESSAGES} messages")
    turns = [_read_turn(m, path, number, place) for place, m in enumerate(messages)]
    answer = turns.pop()
    if answer.role != "assistant":
        raise _fault(path, number, "the last message must be the assistant's")
    if not answer.text.strip():
        raise _fault(path, number, "the assistant's last message says nothing")
    said = tuple(turn for turn in turns if turn.role not in ORDERS)
    if not any(turn.role == "user" and turn.text.strip() for turn in said):
        raise _fault(path, number, "the user says nothing")
    return Example(number, said, answer.text.strip())


def _read_turn(message: Json, path: str, number: int, place: int) -> Turn:
    if not isinstance(message, Mapping):
        raise _fault(path, number, f"messages[{place}] must be an object")
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise _fault(path, number, f"messages[{place}].role must be one of {', '.join(ROLES)}")
    content = message.get("content")
    if content is None and role == "assistant" and message.get("tool_calls"):
        content = ""
    if not isinstance(content, str):
        raise _fault(path, number, f"messages[{place}].content must be text")
    return Turn(role, content)


def _fault(path: str, number: int, message: str) -> InvalidRequest:
    return InvalidRequest(path, f"line {number}: {message}")
