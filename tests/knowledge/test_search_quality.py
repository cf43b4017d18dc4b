"""`builtin/minilm` finds the right passage first for at least 18 of 20 questions of our own."""

from benchmarks.search_quality import SIZES, count_first, measure, table
from common.db import in_thread
from tests.knowledge.stock import make_actor

LEAST = 18


async def test_the_right_passage_comes_first_for_nearly_all_questions(transactional_db: None):
    actor = await in_thread(make_actor, "acme")
    asked = await measure(actor, *SIZES[-1])
    assert len(asked) == 20
    assert count_first(asked) >= LEAST, "\n".join(table(asked))
