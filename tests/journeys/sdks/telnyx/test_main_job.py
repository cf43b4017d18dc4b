"""Chat → stored → ended → insights → signed webhook, all by the vendor's SDK."""

import json
import os
import time

import telnyx
from conftest import BASE_URL, ERA_C, received, wait_for

SCHEMA = {
    "type": "object",
    "properties": {
        "resolved": {"type": ["boolean", "null"], "description": "Was the request resolved?"},
        "order": {"type": ["string", "null"], "description": "Order reference"},
    },
    "required": ["resolved", "order"],
    "additionalProperties": False,
}


def end(client: telnyx.Telnyx, conversation: str) -> None:
    client.post(f"/ai/conversations/{conversation}/end", cast_to=object, body={"reason": "done"})


def public_key(client: telnyx.Telnyx) -> str:
    answer = client.get("/public_key", cast_to=object)
    return answer["data"]["public"]


def chat(client: telnyx.Telnyx, conversation: str, text: str) -> dict:
    call = client.ai.openai.chat if ERA_C else client.ai.chat
    return call.create_completion(
        model="builtin/extractive",
        messages=[{"role": "user", "content": text}],
        extra_headers={"X-Conversation-Id": conversation},
    )


def test_a_conversation_ends_and_its_insights_arrive_by_verified_webhook(client):
    hook = os.environ["RECEIVER_URL"] + f"/main-job-{time.time_ns()}"
    group = client.ai.conversations.insight_groups.insight_groups(name="main", webhook=hook).data
    template = client.ai.conversations.insights.create(
        name="outcome", instructions="Was it resolved, and what is the order?", json_schema=SCHEMA
    ).data
    client.ai.conversations.insight_groups.insights.assign(
        group_id=group.id, insight_id=template.id
    )
    conversation = client.ai.conversations.create(metadata={"insight_group_id": group.id})

    answer = chat(client, conversation.id, "My order is HH-204817 and the lamp is broken.")
    assert answer["choices"][0]["message"]["content"]
    client.ai.conversations.add_message(
        conversation_id=conversation.id, role="user", content="A new one came, that solved it!"
    )
    stored = client.ai.conversations.messages.list(conversation.id).data
    assert [m.role for m in stored] == ["user", "assistant", "user"]

    began = time.monotonic()
    end(client, conversation.id)
    run = wait_for(lambda: finished(client, conversation.id))
    assert run.status == "completed"
    value = json.loads(run.conversation_insights[0].result)
    assert value["order"] == "HH-204817"

    event = wait_for(lambda: [r for r in received() if r["path"] in hook], 10)[0]
    assert time.monotonic() - began < 10
    verify(client, event)
    payload = json.loads(event["body"])
    assert payload["event_type"] == "conversation_insight_result"
    assert payload["payload"]["conversation_id"] == conversation.id
    assert payload["payload"]["results"][0]["insight_id"] == template.id

    detail = client.get(
        f"/ai/conversations/{conversation.id}/conversations-insights/{run.id}", cast_to=object
    )["data"]
    field = next(f for f in detail["results"][0]["fields"] if f["path"] == "/order")
    assert field["state"] == "found"
    assert "HH-204817" in field["evidence"][0]["quote"]


def finished(client, conversation: str):
    runs = client.ai.conversations.retrieve_conversations_insights(conversation).data
    return next((run for run in runs if run.status in {"completed", "failed"}), None)


def verify(client, event: dict) -> None:
    """By the SDK's own verifier, whichever this era has."""
    key = public_key(client)
    if ERA_C:
        client.webhooks.unwrap(event["body"], headers=event["headers"], key=key)
        return
    from telnyx.lib import verify_webhook_signature

    verify_webhook_signature(event["body"].encode(), event["headers"], key)


def test_a_resent_history_is_not_stored_twice(client, conversation):
    history = [{"role": "user", "content": "Hello"}]
    call = client.ai.openai.chat if ERA_C else client.ai.chat
    for text in ("And who are you?", "And what can you do?"):
        answer = call.create_completion(
            model="builtin/echo",
            messages=history,
            extra_headers={"X-Conversation-Id": conversation},
        )
        history += [answer["choices"][0]["message"], {"role": "user", "content": text}]
    stored = client.ai.conversations.messages.list(conversation).data
    assert [m.role for m in stored] == ["user", "assistant"] * 2


def test_the_stream_is_server_sent_events(client):
    import urllib.request

    request = urllib.request.Request(
        BASE_URL + "/ai/chat/completions",
        json.dumps(
            {
                "model": "builtin/echo",
                "stream": True,
                "messages": [{"role": "user", "content": "one two three"}],
            }
        ).encode(),
        {"authorization": f"Bearer {os.environ['COLLOQUY_KEY']}"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.read().decode().strip().split("\n\n")
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
    assert "one two three" in text
