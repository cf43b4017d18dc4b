"""The tool `retrieval`: the model searches embedded buckets, or is given what a search finds."""

from typing import Final

import orjson

from common.db import in_thread
from inference.origin import Origin
from knowledge.search import MOST_QUERY, Match, get_searched, search_all
from organisations.actor import Actor
from vocabulary.chat import FunctionTool
from vocabulary.errors import InvalidRequest, NotFound
from vocabulary.json import JsonObject
from wire import fields
from wire.passages import FoundPassage, write_passages

USUAL_RESULTS: Final = 5
MOST_RESULTS: Final = 100
MOST_BUCKETS: Final = 20
MOST_CHARACTERS: Final = 60_000
"""Of all passages that a model is given at once."""
_PARAMETERS: Final[JsonObject] = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for, in words."}},
    "required": ["query"],
    "additionalProperties": False,
}


class Retrieval:
    """Searches the buckets named in its options: `bucket_ids`, and `max_num_results` (5)."""

    def __init__(self, actor: Actor, options: JsonObject, *, at: str, origin: Origin) -> None:
        """Raises `InvalidRequest` for options that are not these."""
        self._actor = actor
        self._origin = origin
        self._at = f"{at}.bucket_ids"
        named = fields.get_list(options, "bucket_ids", at)
        if not 1 <= len(named) <= MOST_BUCKETS:
            raise InvalidRequest(self._at, f"must hold 1 to {MOST_BUCKETS} names of buckets")
        self._buckets = [fields.as_text(v, f"{self._at}[{i}]") for i, v in enumerate(named)]
        asked = fields.find_whole(options, "max_num_results", at, least=1, most=MOST_RESULTS)
        self._limit = asked or USUAL_RESULTS

    async def check(self) -> None:
        for place, name in enumerate(self._buckets):
            try:
                await in_thread(get_searched, self._actor, name)
            except NotFound as missing:
                raise InvalidRequest(f"{self._at}[{place}]", missing.message) from missing

    def offer(self, name: str) -> FunctionTool:
        files = ", ".join(self._buckets)
        about = f"Search the files of {files} for passages that may answer a question."
        return FunctionTool(name=name, description=about, parameters=_PARAMETERS)

    async def call(self, arguments: str) -> str:
        try:
            query = orjson.loads(arguments)["query"]
        except (ValueError, TypeError, KeyError):
            query = None
        if not isinstance(query, str) or not query.strip():
            return 'The search failed: call it with {"query": "…"}.'
        return write_passages(await self._search(query))

    async def find(self, question: str) -> str:
        if not question.strip():
            return ""
        passages = await self._search(question)
        return write_passages(passages) if passages else ""

    async def _search(self, query: str) -> list[FoundPassage]:
        matches = await search_all(
            self._actor,
            list(dict.fromkeys(self._buckets)),
            query.strip()[:MOST_QUERY],
            limit=self._limit,
            origin=self._origin,
        )
        return _fitting(matches)


def _fitting(matches: list[Match]) -> list[FoundPassage]:
    """The nearest of them that are short enough together; of the first, at least a part."""
    fitting: list[FoundPassage] = []
    room = MOST_CHARACTERS
    for match in matches:
        if fitting and len(match.text) > room:
            break
        fitting.append(FoundPassage(match.path, match.text[:room]))
        room -= len(match.text)
    return fitting
