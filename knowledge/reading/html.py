"""HTML to paragraphs: what a reader of the page sees, without scripts, styles and navigation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.reading.extracts import Extract, Unreadable, Writing
from knowledge.reading.plain import read_text

_UNSEEN: Final = frozenset({
    "script", "style", "noscript", "template", "nav", "svg", "math", "iframe", "object", "embed",
    "canvas", "audio", "video", "select", "datalist", "button", "head",
})  # fmt: skip
_INLINE: Final = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
# Parts of one paragraph that stand on lines of their own.
_LINES: Final = frozenset({"br", "li", "tr", "dt", "dd", "option", "hr"})
_CELLS: Final = frozenset({"td", "th"})
# Tags whose ends may be left out, or that have none, say nothing of depth.
_TAG: Final = re.compile(
    r"<(/?)(?!(?:p|li|dt|dd|tr|td|th|br|hr|img|input|meta|link|option|source|wbr|area|base|col"
    r"|embed|param|track|thead|tbody|tfoot|colgroup)\b)[a-z]",
    re.I,
)
# Building a tree takes time that grows with the square of its depth.
_MOST_DEPTH: Final = 10_000
_BARS: Final = re.compile(r"\|(?: \|)+")
_LINE: Final = "\n"
_PARAGRAPH: Final = "\f"


def read(path: Path, most: int, media_type: str) -> Extract:
    """A page's title and its paragraphs; headings are paragraphs too."""
    tree = _parse(read_text(path, most, media_type))
    title = tree.css_first("title")
    writing = Writing(most).add_all(_paragraphs(tree.root))
    return writing.extract("html", title.text() if title else "")


def read_fragment(markup: str) -> list[str]:
    """The paragraphs of a piece of HTML."""
    return [p for p in _paragraphs(_parse(markup).root) if p]


def _parse(markup: str) -> LexborHTMLParser:
    depth = 0
    for tag in _TAG.finditer(markup):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _MOST_DEPTH:
            raise Unreadable("is HTML that is nested too deeply")
    return LexborHTMLParser(markup)


def _paragraphs(root: LexborNode | None) -> Iterator[str]:
    said: list[str] = []
    for piece in _pieces(root):
        if piece == _PARAGRAPH:
            yield _joined(said)
            said = []
        else:
            said.append(piece)
    yield _joined(said)


def _joined(said: list[str]) -> str:
    """Blanks count as one; lines that hold nothing are left out."""
    lines = (
        _BARS.sub("|", " ".join(line.split())).strip(" |") for line in "".join(said).split(_LINE)
    )
    return _LINE.join(line for line in lines if line)


def _pieces(root: LexborNode | None) -> Iterator[str]:
    """Texts and the breaks between them, down the tree without recursion."""
    node = root
    while node is not None:
        yield from _text_of(node)
        inner = None if _is_unseen(node) else node.first_child
        if inner is not None:
            node = inner
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is not None:
                yield from _break_at(node)
        if node is not None:
            yield from _break_at(node)
            node = node.next


def _text_of(node: LexborNode) -> Iterator[str]:
    if node.is_text_node:
        text = node.text_content or ""
        # Line ends of the source are blanks, not lines.
        yield text.replace("\n", " ").replace("\f", " ").replace("\r", " ")
    else:
        yield from _break_at(node)


def _break_at(node: LexborNode) -> Iterator[str]:
    """What an element's beginning and its end set between the texts around them."""
    tag = node.tag or ""
    if not node.is_element_node or tag in _INLINE:
        return
    if tag in _LINES:
        yield _LINE
    elif tag in _CELLS:
        yield " | "
    elif not _is_unseen(node):
        yield _PARAGRAPH


def _is_unseen(node: LexborNode) -> bool:
    return node.tag in _UNSEEN or (node.is_element_node and "hidden" in node.attributes)
