"""XML documents in and out: small ones, without a schema. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from vocabulary.errors import InvalidRequest

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
XML: Final = {"content-type": "application/xml"}


class Malformed(InvalidRequest):
    """The XML you provided was not well-formed, or not the document that belongs here."""

    code = "malformed_xml"


@dataclass(frozen=True, slots=True)
class Element:
    """A tag around a text or around others."""

    tag: str
    inside: str | Sequence["Element"] = ""


def fields(**texts: str | int) -> list[Element]:
    """One element a text, in order."""
    return [Element(tag, str(text)) for tag, text in texts.items()]


def spell(root: Element) -> bytes:
    """Errors stand in no namespace: clients would not find their codes."""
    tree = _build(root)
    if root.tag != "Error":
        tree.set("xmlns", NAMESPACE)
    text: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return text


def parse(body: bytes, root: str) -> ElementTree.Element:
    """The document, if its root is called so; tags without their namespaces."""
    try:
        tree: ElementTree.Element = defusedxml.ElementTree.fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed("", f"the body is not well-formed XML: {error}") from error
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if tree.tag != root:
        raise Malformed("", f"the body must be a {root}")
    return tree


def texts(tree: ElementTree.Element, tag: str, *inside: str) -> Iterable[tuple[str, ...]]:
    """Of every child `tag`, the texts of its children `inside`; an absent one is empty. Blanks
    stay: a key may begin and end with them."""
    for element in tree.findall(tag):
        yield tuple(element.findtext(name) or "" for name in inside)


def _build(element: Element) -> ElementTree.Element:
    built = ElementTree.Element(element.tag)
    if isinstance(element.inside, str):
        built.text = _sayable(element.inside)
    else:
        built.extend([_build(inner) for inner in element.inside])
    return built


def _sayable(text: str) -> str:
    """XML 1.0 knows no control characters; a client would find the whole document malformed."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
