"""Every conversational operation with minimal and full arguments, in strict validation."""

import uuid

import pytest
import telnyx
from conftest import ERA_C


def test_conversation_create_retrieve_update_delete(client):
    bare = client.ai.conversations.create()
    assert bare.id and bare.metadata == {}
    full = client.ai.conversations.create(name="n", metadata={"a": "1", "flag": True, "n": 2})
    assert full.metadata == {"a": "1", "flag": "true", "n": "2"}
    got = client.ai.conversations.retrieve(full.id).data
    assert got.id == full.id and got.last_message_at
    changed = client.ai.conversations.update(full.id, metadata={"b": "2"}).data
    assert changed.metadata == {"b": "2"}
    client.ai.conversations.delete(full.id)
    with pytest.raises(telnyx.NotFoundError):
        client.ai.conversations.retrieve(full.id)


def test_add_message_takes_every_field_and_the_listing_shows_it(client, conversation):
    add = client.ai.conversations.add_message
    add(conversation_id=conversation, role="user", content="hi", name="Ann")
    add(conversation_id=conversation, role="system", content="be kind")
    add(
        conversation_id=conversation,
        role="assistant",
        tool_choice="auto",
        metadata={"s": "x", "n": 1, "b": True, "l": ["a", 1]},
        sent_at="2020-07-01T00:00:00-06:00",
        tool_calls=[
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
        ],
    )
    add(conversation_id=conversation, role="tool", content="42", tool_call_id="c1")
    rows = client.ai.conversations.messages.list(conversation).data
    assert [row.role for row in rows] == ["user", "assistant", "tool"]
    assert rows[1].tool_calls[0].function.arguments == '{"a":1}'
    assert rows[1].text == ""
    assert rows[1].sent_at.isoformat().startswith("2020-07-01T06:00")


def test_message_pages_end(client, conversation):
    for number in range(3):
        client.ai.conversations.add_message(
            conversation_id=conversation, role="user", content=str(number)
        )
    if ERA_C:
        pages = client.ai.conversations.messages.list(conversation, page_size=1)
        assert [m.text for m in pages] == ["0", "1", "2"]
    page = client.ai.conversations.messages.list(conversation)
    assert len(page.data) == 3


def test_conversations_are_filtered_ordered_and_limited(client):
    mark = uuid.uuid4().hex
    ids = [
        client.ai.conversations.create(
            name=f"Voice {n}", metadata={"mark": mark, "assistant_id": f"assistant-{n}"}
        ).id
        for n in range(3)
    ]

    def found(**query):
        extra = {"metadata->mark": f"eq.{mark}"}
        return [c.id for c in client.ai.conversations.list(extra_query=extra, **query).data]

    assert found() == ids[::-1]
    assert found(order="created_at.asc", limit=2) == ids[:2]
    assert found(metadata_assistant_id="eq.assistant-1") == [ids[1]]
    assert found(name="like.Voice%") == ids[::-1]
    assert found(id=f"eq.{ids[0]}") == [ids[0]]
    assert found(created_at="gte.2020-01-01", last_message_at="lte.2099-01-01") == ids[::-1]
    assert found(or_=f"(id.eq.{ids[0]},id.eq.{ids[2]})") == [ids[2], ids[0]]
    assert found(extra_headers={"X-Request-Id": "mine"}) == ids[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"name": "drop.table"},
        {"created_at": "gte.yesterday"},
        {"order": "password.asc"},
        {"or_": "(((("},
        {"id": "eq.'; delete from users; --"},
        {"metadata_assistant_id": "eq"},
    ],
)
def test_a_bad_filter_is_a_clear_error(client, query):
    with pytest.raises(telnyx.APIStatusError) as caught:
        client.ai.conversations.list(**query)
    assert caught.value.status_code in {400, 422}
    assert caught.value.body["errors"][0]["detail"]


def test_insight_templates(client):
    insights = client.ai.conversations.insights
    made = insights.create(name="n", instructions="Summarise.").data
    assert made.insight_type == "custom"
    full = insights.create(
        name="n",
        instructions="i",
        json_schema={"type": "object", "properties": {"a": {"type": "string"}}},
        webhook="https://example.com/hook",
    ).data
    assert insights.retrieve(full.id).data.webhook == "https://example.com/hook"
    changed = insights.update(full.id, instructions="other").data
    assert changed.instructions == "other" and changed.json_schema
    listed = [row.id for row in insights.list(page_size=1)]
    assert {made.id, full.id} <= set(listed) and len(listed) == len(set(listed))
    insights.delete(full.id)
    with pytest.raises(telnyx.NotFoundError):
        insights.retrieve(full.id)


def test_insight_groups(client):
    groups = client.ai.conversations.insight_groups
    template = client.ai.conversations.insights.create(name="n", instructions="i").data
    group = groups.insight_groups(name="g", description="d", webhook="https://example.com/h").data
    for _ in range(2):
        groups.insights.assign(insight_id=template.id, group_id=group.id)
    assert [t.id for t in groups.retrieve(group.id).data.insights] == [template.id]
    assert groups.update(group.id, name="h").data.name == "h"
    for _ in range(2):
        groups.insights.delete_unassign(insight_id=template.id, group_id=group.id)
    assert groups.retrieve(group.id).data.insights == []
    assert group.id in [row.id for row in groups.retrieve_insight_groups(page_size=1)]
    groups.delete(group.id)
    assert client.ai.conversations.insights.retrieve(template.id).data.id == template.id


def test_a_conversation_without_runs_has_an_empty_page(client, conversation):
    page = client.ai.conversations.retrieve_conversations_insights(conversation)
    assert page.data == [] and page.meta.total_results == 0


def test_models_and_embeddings(client):
    models = client.ai.openai.list_models() if ERA_C else client.ai.retrieve_models()
    ids = {model.id for model in models.data}
    assert {"builtin/extractive", "builtin/echo"} <= ids
    embeddings = client.ai.openai.embeddings
    assert "builtin/minilm" in {m.id for m in embeddings.list_embedding_models().data}
    vectors = embeddings.create_embeddings(input=["one", "two"], model="builtin/minilm")
    assert [len(row.embedding) for row in vectors.data] == [384, 384]
    single = embeddings.create_embeddings(
        input="one", model="builtin/minilm", encoding_format="float", user="u"
    )
    assert single.data[0].embedding == pytest.approx(vectors.data[0].embedding, abs=1e-5)


def test_errors_have_the_vendors_classes(client, stranger, make_client, conversation):
    with pytest.raises(telnyx.AuthenticationError):
        make_client(api_key="nobody").ai.conversations.list()
    for ours in (conversation, str(uuid.uuid4())):
        with pytest.raises(telnyx.NotFoundError):
            stranger.ai.conversations.retrieve(ours)
    with pytest.raises(telnyx.UnprocessableEntityError) as caught:
        client.ai.conversations.insights.create(name=7, instructions="i")
    assert caught.value.body["errors"][0]["source"]["pointer"] == "/name"
    assert caught.value.body["detail"][0]["loc"] == ["body", "name"]
    with pytest.raises(telnyx.APIStatusError):
        client.ai.conversations.retrieve("not-a-uuid")


def test_an_idempotency_key_makes_one_row(client):
    if not ERA_C:
        pytest.skip("this era has no idempotency keys")
    key = uuid.uuid4().hex
    first = client.ai.conversations.create(name="once", idempotency_key=key)
    second = client.ai.conversations.create(name="once", idempotency_key=key)
    assert first.id == second.id
    with pytest.raises(telnyx.UnprocessableEntityError):
        client.ai.conversations.create(name="other", idempotency_key=key)
