"""The asynchronous client sees the same."""

import os

import telnyx
from conftest import BASE_URL, ERA_C


async def test_the_async_client_goes_the_same_way():
    async with telnyx.AsyncTelnyx(
        base_url=BASE_URL,
        api_key=os.environ["COLLOQUY_KEY"],
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        conversation = await client.ai.conversations.create(name="async")
        chat = client.ai.openai.chat if ERA_C else client.ai.chat
        answer = await chat.create_completion(
            model="builtin/echo",
            messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
            extra_headers={"X-Conversation-Id": conversation.id},
        )
        assert answer["choices"][0]["finish_reason"] == "stop"
        rows = await client.ai.conversations.messages.list(conversation.id)
        assert [row.role for row in rows.data] == ["user", "assistant"]
