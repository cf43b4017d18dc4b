"""The links of a page, for a crawler.

They are looked for in the markup, not in a tree: no page makes this take longer than its length.
"""

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

# Comments and scripts are passed over, to the end of the page where they do not end.
_MARKUP: Final = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?:script|style|template)\b.*?(?:</(?:script|style|template)|\Z)"
    r"|<(?P<tag>base|area|a)\s(?P<attributes>[^<>]*)>",
    re.I | re.S,
)
_HREF: Final = re.compile(r"""(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_SCHEMES: Final = frozenset({"http", "https"})
_LONGEST: Final = 2_000


def find_links(markup: str, base_url: str) -> list[str]:
    """Absolute addresses of what a page links to, in its order, each once, without fragments."""
    found: dict[str, None] = {}
    base = base_url
    for tag, href in _references(markup):
        address = _absolute(base, href)
        if address is not None and tag == "base":
            base = address
        elif address is not None:
            found.setdefault(address)
    return list(found)


def _references(markup: str) -> Iterator[tuple[str, str]]:
    for match in _MARKUP.finditer(markup):
        href = _HREF.search(match["attributes"]) if match["tag"] else None
        if href is not None:
            yield match["tag"].lower(), html.unescape(next(filter(None, href.groups()), ""))


def _absolute(base: str, href: str) -> str | None:
    """None for what is no web address, or none that anybody could ask for."""
    try:
        address = urldefrag(urljoin(base, href.strip())).url
        is_web = urlsplit(address).scheme in _SCHEMES and bool(urlsplit(address).hostname)
    except ValueError:
        return None
    return address if is_web and len(address) <= _LONGEST else None
