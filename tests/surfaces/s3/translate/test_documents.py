"""XML in and out."""

import gc
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID
from xml.etree import ElementTree

import pytest

from common import clock
from surfaces.s3.errors import NoSuchKey, render_error
from surfaces.s3.translate.documents import (
    parse_completion,
    parse_deletion,
    render_parts,
    render_uploads,
)
from surfaces.s3.translate.xml import NAMESPACE, Element, Malformed, fields, parse, spell
from vocabulary.errors import InvalidRequest

BOMB = (
    b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (c + 1, b"&%c;" % c * 10) for c in range(97, 106))
    + b"]><Delete><Object><Key>&j;</Key></Object></Delete>"
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<Delete>",
        b"<Delete/><Delete/>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="klingon"?><Delete/>',
        b'<?xml version="1.0" encoding="utf-7"?><Delete/>',
        BOMB,
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete>&x;</Delete>',
        b'<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd"><Delete>&x;</Delete>',
        b"<Deleted/>",
        b"<Delete/>",
        b"<Delete><Object/></Delete>",
        b"<Delete><Object><Key></Key></Object></Delete>",
        b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1001 + b"</Delete>",
        b"<Delete><Object><Key>a\x00b</Key></Object></Delete>",
        b"<Delete><Object><Key>a&#0;b</Key></Object></Delete>",
    ],
    ids=lambda body: str(body[:50]),
)
def test_a_list_of_keys_that_is_none_is_refused(body: bytes):
    with pytest.raises(Malformed):
        parse_deletion(body)


def test_two_megabytes_are_read_or_refused_in_good_time():
    deep = b"<a>" * 300_000 + b"</a>" * 290_000
    wide = b"<Delete>" + b"<Object/>" * 220_000 + b"</Delete>"
    many = b"<Delete " + b" ".join(b'a%d="x"' % n for n in range(150_000)) + b"/>"
    for body in (deep, wide, many):
        with pytest.raises(Malformed):
            parse_deletion(body)
    with pytest.raises(Malformed):
        parse(b"<a>" * 280_000 + b"</a>" * 280_000, "Delete")
    gc.collect()


def test_keys_are_taken_as_they_are():
    body = (
        f'<Delete xmlns="{NAMESPACE}"><Quiet> true </Quiet>'
        "<Object><Key> a </Key></Object><Object><Key>b&amp;c\u00e4</Key>"
        "<VersionId>null</VersionId></Object></Delete>"
    )
    assert parse_deletion(body.encode()) == ([" a ", "b&c\u00e4"], True)
    with pytest.raises(InvalidRequest, match="versions"):
        parse_deletion(body.replace("null", "v1").encode())


def test_parts_are_numbers_and_etags():
    part = "<Part><PartNumber> {} </PartNumber><ETag> &quot;ab&quot; </ETag></Part>"
    whole = "<CompleteMultipartUpload>{}</CompleteMultipartUpload>"
    body = whole.format(part.format(1) + part.format("0002"))
    assert parse_completion(body.encode()) == [(1, '"ab"'), (2, '"ab"')]
    assert parse_completion(whole.format("").encode()) == []
    for wrong in ("", "x", "-1", "1.5", "1" * 5000, "\u0661"):
        with pytest.raises(Malformed):
            parse_completion(whole.format(part.format(wrong)).encode())


def test_every_text_can_be_said():
    every = "".join(map(chr, [*range(0x300), 0xD800, 0xDFFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF]))
    for text in (every, "<a>&\"'", "a\r\nb", " x "):
        tree = ElementTree.fromstring(spell(Element("Answer", fields(Key=text))))
        assert tree.tag == f"{{{NAMESPACE}}}Answer"
        assert len(tree[0].text or "") in {len(text), len(text) - text.count("\r\n")}
    answer = render_error(NoSuchKey("<no> \ud800\x00"))
    assert ElementTree.fromstring(cast(bytes, answer.body)).findtext("Code") == "NoSuchKey"


def _tags(element: Element) -> dict[str, Any]:
    return {inner.tag: inner.inside for inner in element.inside if isinstance(inner, Element)}


def test_lists_of_parts_and_uploads_say_where_they_go_on():
    now, id = clock.now(), UUID(int=7)
    blob = SimpleNamespace(md5="m", size=1)
    parts = [SimpleNamespace(number=n, created_at=now, blob=blob) for n in (1, 4, 9)]
    rows = [SimpleNamespace(path=p, pk=id, created_at=now) for p in "abc"]
    upload = cast(Any, rows[0])
    cut = _tags(render_parts("box", upload, cast(Any, parts), 2))
    assert (cut["IsTruncated"], cut["NextPartNumberMarker"]) == ("true", "4")
    assert _tags(render_parts("box", upload, cast(Any, parts), 3))["IsTruncated"] == "false"
    cut = _tags(render_uploads("box", cast(Any, rows), 2))
    assert (cut["NextKeyMarker"], cut["NextUploadIdMarker"]) == ("b", str(id))
    assert _tags(render_uploads("box", [], 2))["IsTruncated"] == "false"
