"""What requests name."""

import pytest

from surfaces.s3.translate.requests import (
    Place,
    parse_answer_headers,
    parse_directive,
    parse_metadata,
    parse_place,
    parse_query,
    parse_source,
    parse_upload_id,
    parse_whole,
)
from vocabulary.errors import InvalidRequest, NotFound


@pytest.mark.parametrize(
    ("wire", "bucket", "key"),
    [
        ("/s3/box", "box", ""),
        ("/s3/box/", "box", ""),
        ("/s3/box/a%20b+c", "box", "a b+c"),
        ("/s3/box/a%2Fb%2fc", "box", "a/b/c"),
        ("/s3/box//a", "box", "/a"),
        ("/s3/box/%252F", "box", "%2F"),
        ("/s3/box/na%C3%AFve", "box", "naïve"),
        ("/s3/box/na\u00c3\u00afve", "box", "naïve"),
        ("/s3/../../x", "..", "../x"),
        ("/s3/box/%F0%9F%92%A9?#", "box", "\U0001f4a9?#"),
    ],
)
def test_bucket_and_key_stand_in_the_path(wire: str, bucket: str, key: str):
    assert parse_place(wire, "s3") == Place(bucket=bucket, key=key)


@pytest.mark.parametrize("wire", ["/s3/box/%FF", "/s3/box/a%00", "/s3/%00", "/s3/box/\u00ff"])
def test_what_is_no_text_is_no_name(wire: str):
    with pytest.raises(InvalidRequest):
        parse_place(wire, "s3")


def test_a_copy_names_its_source():
    for header in ("box/a%20b", "/box/a%20b"):
        assert parse_source(header) == Place(bucket="box", key="a b")
    for wrong in ("", "box", "box/", "/box", "box/a?versionId=1", "box/%00"):
        with pytest.raises(InvalidRequest):
            parse_source(wrong)
    assert parse_directive({"x-amz-metadata-directive": "REPLACE"})
    assert not parse_directive({})
    with pytest.raises(InvalidRequest):
        parse_directive({"x-amz-metadata-directive": "MERGE"})


def test_metadata_is_utf_8_whatever_http_makes_of_it():
    headers = {"x-amz-meta-by": "Zo\u00c3\u00ab", "x-amz-date": "x", "x-amz-meta-": "?"}
    assert parse_metadata(headers) == {"by": "Zoë", "": "?"}
    with pytest.raises(InvalidRequest):
        parse_metadata({"x-amz-meta-by": "Zo\u00eb"})


def test_headers_of_an_answer_end_where_they_end():
    query = "response-content-type=text%2Fplain&response-expires=0&response-x=y&content-type=a"
    assert parse_answer_headers(parse_query(query)) == {
        "content-type": "text/plain",
        "expires": "0",
    }
    for wrong in ("a%0D%0Ax:y", "a%0Ab", "", "%C3%A9", "%00", "a" * 1001):
        with pytest.raises(InvalidRequest):
            parse_answer_headers(parse_query(f"response-content-disposition={wrong}"))


def test_numbers_and_ids_are_checked():
    assert parse_whole({"n": "7"}, "n", default=1, most=5) == 5
    assert parse_whole({}, "n", default=1, most=5) == 1
    assert parse_whole({"n": "9" * 9000}, "n", default=1, most=5) == 5
    with pytest.raises(NotFound):
        parse_upload_id({"uploadId": "x"})
