"""A guess at tokens counts all that is said, and is marked as a guess."""

from inference.estimates import estimate_chat, estimate_embedding
from vocabulary.chat import (
    ChatRequest,
    ChatResponse,
    Choice,
    Image,
    Message,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    Url,
    Usage,
)
from vocabulary.embeddings import EmbeddingRequest

CALL = ToolCall(id="c", name="find", arguments='{"a": 1}')


def question(*parts) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message(role="user", parts=parts),))


def test_every_four_characters_begun_are_a_token():
    for length, tokens in ((0, 0), (1, 1), (4, 1), (5, 2)):
        guess = estimate_chat(question(Text(text="x" * length)))
        assert guess == Usage(prompt_tokens=tokens, estimated=True)


def test_tool_calls_their_results_and_reasoning_count():
    parts = (CALL, ToolResult(call_id="c", text="1234"), Reasoning(text="12345678"))
    assert estimate_chat(question(*parts)).prompt_tokens == (12 + 4 + 8) // 4


def test_media_do_not_count():
    image = Image(at=Url(url="https://example.com/a.png"))
    assert estimate_chat(question(image)).total_tokens == 0


def test_all_choices_of_an_answer_count():
    choice = Choice(
        message=Message(role="assistant", parts=(Text(text="12345678"),)), finish="stop"
    )
    response = ChatResponse(id="r", model="m", created=1, choices=(choice, choice))
    guess = estimate_chat(question(Text(text="1234")), response)
    assert (guess.prompt_tokens, guess.completion_tokens) == (1, 4)


def test_token_ids_are_counted_and_texts_guessed():
    request = EmbeddingRequest(model="m", inputs=("12345678", (1, 2, 3)))
    assert estimate_embedding(request) == Usage(prompt_tokens=5, estimated=True)
