"""What a page says to a crawler: where it leads, and whether it wants to be kept and followed."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.downloads import Fetched
from knowledge.crawling.addresses import canonical
from knowledge.reading.links import find_links

SUFFIXES: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
}
"""The kinds of files that are kept, with the endings of their paths."""

MOST_LINKS: Final = 2000
# Never pages, and often many; they are not even asked for.
_OTHER: Final = re.compile(
    r"\.(?:7z|avif|avi|bmp|bz2|css|dmg|docx?|eot|exe|gif|gz|ico|iso|jar|jpe?g|js|m4a|m4v|mjs|mkv"
    r"|mov|mp[34g]|mpeg|odt|og[gv]|otf|png|pptx?|rar|rss|svgz?|tar|tgz|tiff?|ttf|wasm|wav|web[mp]"
    r"|wmv|woff2?|xlsx?|xz|zip)(?:\?|\Z)",
    re.I,
)
_META: Final = re.compile(r"<meta\s([^<>]{1,1000})>", re.I)
_NAME: Final = re.compile(r"""\bname\s*=\s*["']?robots\b""", re.I)
_CONTENT: Final = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_SLOW_ENCODINGS: Final = frozenset({"punycode", "idna"})
_HEAD: Final = 64 * 1024  # characters in which a page's own wishes are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`links` are canonical addresses, each once, in the page's order."""

    links: tuple[str, ...] = ()
    may_keep: bool = True


def read_page(fetched: Fetched) -> Page:
    """Reads the file, so it is for threads. Only HTML leads anywhere."""
    wishes = _words(fetched.headers.get("x-robots-tag", ""))
    links: tuple[str, ...] = ()
    if SUFFIXES.get(fetched.media_type) == ".html":
        markup = _read(fetched.path, fetched.content_type)
        wishes |= _meta_wishes(markup[:_HEAD])
        links = _links(markup, fetched.final_url)
    closed = "none" in wishes
    return Page(
        links=() if closed or "nofollow" in wishes else links,
        may_keep=not closed and "noindex" not in wishes,
    )


def _read(path: Path, content_type: str) -> str:
    """Addresses are ASCII nearly everywhere, so the encoding hardly matters here."""
    said = _CHARSET.search(content_type)
    try:
        encoding = codecs.lookup(said[1] if said else "utf-8").name
        usual = "utf-8" if encoding in _SLOW_ENCODINGS else encoding
        return path.read_bytes().decode(usual, "replace")
    except (LookupError, UnicodeError):
        return path.read_bytes().decode("utf-8", "replace")


def _links(markup: str, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for link in find_links(markup, base):
        address = canonical(link)
        if address is not None and not _OTHER.search(address):
            found.setdefault(address)
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def _meta_wishes(head: str) -> set[str]:
    wishes: set[str] = set()
    for meta in _META.finditer(head):
        content = _CONTENT.search(meta[1])
        if content is not None and _NAME.search(meta[1]):
            wishes |= _words(next(filter(None, content.groups()), ""))
    return wishes


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}
