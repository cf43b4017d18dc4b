"""Articles of a help centre, exported as JSON: one, a list of them, or a page of a listing.

An article is an object with a `title` and a `body` of HTML, and mostly with its `url`.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/articles/article
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from knowledge.reading.extracts import Extract, Writing
from knowledge.reading.html import read_fragment
from vocabulary.json import Json, JsonObject

_LISTS: Final = ("articles", "data")


def find_articles(value: Json) -> list[JsonObject] | None:
    """The articles that `value` is; None where it is, or holds, anything else."""
    listed = list(_listed(value))
    articles = [item for item in listed if isinstance(item, Mapping) and _is_article(item)]
    return articles if articles and len(articles) == len(listed) else None


def write_articles(articles: list[JsonObject], most: int) -> Extract:
    """The text of all of them, with a section for each paragraph."""
    writing = Writing(most)
    sections = []
    for article in articles:
        title, url = _text(article, "title"), _text(article, "url")
        writing.add(title)
        for paragraph in read_fragment(_text(article, "body")):
            place = writing.add(paragraph)
            if place is not None:
                sections.append(replace(place, heading=title, url=url))
    name = _text(articles[0], "title") if len(articles) == 1 else ""
    return replace(writing.extract("articles", name), sections=tuple(sections))


def _listed(value: Json) -> Iterator[Json]:
    """The members of a list, or of the list in a page of a listing."""
    if isinstance(value, Mapping) and not _is_article(value):
        value = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
    if isinstance(value, list):
        yield from value
    else:
        yield value


def _is_article(value: JsonObject) -> bool:
    """A draft may lack words or an address; then it says of itself that it is an article."""
    if value.get("type") == "article":
        return isinstance(value.get("body"), str | None)
    return all(isinstance(value.get(name), str) for name in ("title", "body", "url"))


def _text(article: JsonObject, name: str) -> str:
    value = article.get(name)
    return value if isinstance(value, str) else ""
