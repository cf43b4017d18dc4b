"""Insight templates: schemas in either spelling, and the shape strict clients take."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from insights.queries import GroupView, TemplateView
from surfaces.telnyx.translate.insight_groups import render_group
from surfaces.telnyx.translate.insights import parse_schema, render_insight
from vocabulary.errors import InvalidRequest

TEMPLATE = TemplateView(
    id=UUID(int=1),
    name="Mood",
    instructions="How did they feel?",
    json_schema={"type": "string"},
    model="",
    webhook="",
    is_managed=False,
    version=3,
    created_at=datetime(2025, 4, 15, 13, 7, 28, 764000, tzinfo=UTC),
)


def test_a_schema_may_come_as_an_object_or_as_its_text():
    assert parse_schema({"type": "string"}) == parse_schema('{"type":"string"}')


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_text_are_no_schema(nothing: str | None):
    assert parse_schema(nothing) is None


@pytest.mark.parametrize("schema", [[], 1, True, "{", "[]", "1", '{"a": NaN}', "[" * 5000])
def test_anything_else_is_refused_at_json_schema(schema: object):
    with pytest.raises(InvalidRequest) as caught:
        parse_schema(schema)  # type: ignore[arg-type]
    assert caught.value.path == "json_schema"


def test_a_template_renders_with_the_documented_keys():
    assert render_insight(TEMPLATE) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "name": "Mood",
        "instructions": "How did they feel?",
        "insight_type": "custom",
        "json_schema": {"type": "string"},
        "webhook": "",
        "created_at": "2025-04-15T13:07:28.764Z",
        "version": 3,
        "model": None,
    }


def test_a_group_embeds_its_whole_templates():
    group = GroupView(
        id=UUID(int=2),
        name="G",
        description="",
        webhook="",
        is_default=True,
        created_at=TEMPLATE.created_at,
        templates=(TEMPLATE,),
    )
    assert render_group(group)["insights"] == [render_insight(TEMPLATE)]
