"""How many tokens it may have been, where the upstream never said. A guess, marked as one."""

from collections.abc import Iterable

from vocabulary.chat import ChatRequest, ChatResponse, Message, Part, Reasoning, ToolCall, Usage
from vocabulary.embeddings import EmbeddingRequest

CHARACTERS_PER_TOKEN = 4
"""About right for English prose; other scripts have fewer."""


def estimate_chat(request: ChatRequest, response: ChatResponse | None = None) -> Usage:
    """Of a question, and of as much of its answer as there is. Media are not counted."""
    answers = () if response is None else (choice.message for choice in response.choices)
    return Usage(
        prompt_tokens=_tokens(_length(request.messages)),
        completion_tokens=_tokens(_length(answers)),
        estimated=True,
    )


def estimate_embedding(request: EmbeddingRequest) -> Usage:
    """Inputs that are token ids are counted, texts are guessed."""
    texts = sum(len(text) for text in request.inputs if isinstance(text, str))
    ids = sum(len(tokens) for tokens in request.inputs if not isinstance(tokens, str))
    return Usage(prompt_tokens=ids + _tokens(texts), estimated=True)


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)


def _length(messages: Iterable[Message]) -> int:
    return sum(
        len(message.text) + sum(map(_length_beside_text, message.parts)) for message in messages
    )


def _length_beside_text(part: Part) -> int:
    """Of what `Message.text` leaves out."""
    match part:
        case ToolCall():
            return len(part.name) + len(part.arguments)
        case Reasoning():
            return len(part.text)
        case _:
            return 0
