"""Buckets and objects by boto3, unmodified."""

import hashlib
import io
import os
import urllib.error
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from conftest import make_client, refused

MEGABYTE = 1024 * 1024


def test_buckets_are_made_listed_looked_at_and_deleted(s3):
    s3.create_bucket(Bucket="a-bucket")
    s3.head_bucket(Bucket="a-bucket")
    assert "a-bucket" in [row["Name"] for row in s3.list_buckets()["Buckets"]]
    s3.get_bucket_location(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="k", Body=b"x")
    assert refused(s3.delete_bucket, Bucket="a-bucket") == "BucketNotEmpty"
    s3.delete_object(Bucket="a-bucket", Key="k")
    s3.delete_bucket(Bucket="a-bucket")
    assert refused(s3.head_bucket, Bucket="a-bucket") == "404"
    assert refused(s3.create_bucket, Bucket="Not_A-Bucket".lower()) == "InvalidBucketName"


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    key = "a folder/naïve +&=%20 name.txt"
    put = s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=b"hello world",
        ContentType="text/plain",
        Metadata={"colour": "red"},
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello world").hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == b"hello world"
    assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"colour": "red"})
    head = s3.head_object(Bucket=bucket, Key=key)
    assert (head["ContentLength"], head["ETag"]) == (11, put["ETag"])
    part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=6-")
    assert part["Body"].read() == b"world" and part["ContentRange"] == "bytes 6-10/11"
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b""


def test_what_is_not_there_is_told_apart(s3, bucket):
    assert refused(s3.get_object, Bucket=bucket, Key="no") == "NoSuchKey"
    assert refused(s3.head_object, Bucket=bucket, Key="no") == "404"
    assert refused(s3.get_object, Bucket="no-such-bucket", Key="no") == "NoSuchBucket"
    assert refused(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"") == "NoSuchBucket"
    assert refused(s3.list_objects_v2, Bucket="no-such-bucket") == "NoSuchBucket"
    s3.delete_object(Bucket=bucket, Key="no")


def test_a_write_may_depend_on_what_is_there(s3, bucket):
    s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
    code = refused(s3.put_object, Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
    assert code == "PreconditionFailed"


def test_lists_are_cut_grouped_and_continued(s3, bucket):
    keys = [f"{folder}/{n}" for folder in "abc" for n in range(4)] + ["top"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 5}
    )
    assert [row["Key"] for page in pages for row in page["Contents"]] == sorted(keys)
    older = s3.get_paginator("list_objects").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 5}
    )
    assert [row["Key"] for page in older for row in page["Contents"]] == sorted(keys)
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [row["Prefix"] for row in top["CommonPrefixes"]] == ["a/", "b/", "c/"]
    assert [row["Key"] for row in top["Contents"]] == ["top"]
    grouped = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}
    )
    found = [
        row.get("Prefix") or row["Key"]
        for page in grouped
        for row in page.get("CommonPrefixes", []) + page.get("Contents", [])
    ]
    assert found == ["a/", "b/", "c/", "top"]
    below = s3.list_objects_v2(Bucket=bucket, Prefix="b/", StartAfter="b/1")
    assert [row["Key"] for row in below["Contents"]] == ["b/2", "b/3"]


def test_objects_are_copied_and_deleted_together(s3, bucket):
    s3.put_object(Bucket=bucket, Key="one", Body=b"1", Metadata={"a": "b"})
    s3.copy_object(Bucket=bucket, Key="two", CopySource={"Bucket": bucket, "Key": "one"})
    assert s3.head_object(Bucket=bucket, Key="two")["Metadata"] == {"a": "b"}
    s3.copy_object(
        Bucket=bucket,
        Key="three",
        CopySource={"Bucket": bucket, "Key": "one"},
        MetadataDirective="REPLACE",
        Metadata={"c": "d"},
    )
    assert s3.head_object(Bucket=bucket, Key="three")["Metadata"] == {"c": "d"}
    keys = [{"Key": name} for name in ("one", "two", "three", "nothing")]
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})["Deleted"]
    assert len(deleted) == 4
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_64_megabytes_travel_in_parts(s3, bucket, request):
    if request.node.callspec.params["s3"] != "pair":
        pytest.skip("once is enough")
    data = os.urandom(64 * MEGABYTE)
    settings = TransferConfig(multipart_threshold=8 * MEGABYTE, multipart_chunksize=8 * MEGABYTE)
    s3.upload_fileobj(io.BytesIO(data), bucket, "large", Config=settings)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(data) and head["ETag"].endswith('-8"')
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=settings)
    assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(data).digest()
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=settings)
    assert s3.head_object(Bucket=bucket, Key="copy")["ContentLength"] == len(data)


def test_uploads_are_listed_and_given_up(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    named = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    part = s3.upload_part(**named, PartNumber=1, Body=b"part")
    assert s3.list_parts(**named)["Parts"][0]["ETag"] == part["ETag"]
    assert upload in [
        row["UploadId"] for row in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    ]
    wrong = {"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}
    assert refused(s3.complete_multipart_upload, **named, MultipartUpload=wrong) == "InvalidPart"
    s3.abort_multipart_upload(**named)
    assert refused(s3.list_parts, **named) == "NoSuchUpload"


def test_a_wrong_secret_or_an_unknown_key_is_refused(s3, bucket):
    pair = os.environ["COLLOQUY_ACCESS_KEY"].split()
    key = os.environ["COLLOQUY_KEY"]
    for wrong in (make_client(pair[0], key), make_client(key, "secret")):
        assert refused(wrong.list_buckets) == "SignatureDoesNotMatch"
    assert refused(make_client("nobody", "secret").list_buckets) == "InvalidAccessKeyId"


def test_another_organisation_sees_nothing_of_it(s3, bucket, stranger):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert bucket not in [row["Name"] for row in stranger.list_buckets()["Buckets"]]
    assert refused(stranger.get_object, Bucket=bucket, Key="k") == "NoSuchBucket"
    assert refused(stranger.list_objects_v2, Bucket=bucket) == "NoSuchBucket"


def test_a_presigned_url_works_for_a_pair_alone():
    pair = make_client(*os.environ["COLLOQUY_ACCESS_KEY"].split(), signature_version="s3v4")
    pair.create_bucket(Bucket="presigned")
    pair.put_object(Bucket="presigned", Key="k", Body=b"hello")
    named = {"Params": {"Bucket": "presigned", "Key": "k"}, "ExpiresIn": 60}
    url = pair.generate_presigned_url("get_object", **named)
    assert urllib.request.urlopen(url).read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as tampered:
        urllib.request.urlopen(url.replace("/k?", "/other?"))
    assert tampered.value.code == 403
    key = os.environ["COLLOQUY_KEY"]
    leaked = make_client(key, key, signature_version="s3v4")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(leaked.generate_presigned_url("get_object", **named))
    assert refusal.value.code == 403
    pair.delete_object(Bucket="presigned", Key="k")
    pair.delete_bucket(Bucket="presigned")
