"""Runs inside the SDK's own environment; the server and its keys come from outside."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

ENDPOINT = os.environ["COLLOQUY_URL"] + "/s3"


def make_client(key: str, secret: str, **settings: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, **settings),
    )


@pytest.fixture(scope="session", params=["pair", "key"])
def s3(request: pytest.FixtureRequest) -> Any:
    """By an access key pair, and by an API key that is its own secret."""
    if request.param == "pair":
        return make_client(*os.environ["COLLOQUY_ACCESS_KEY"].split())
    return make_client(os.environ["COLLOQUY_KEY"], os.environ["COLLOQUY_KEY"])


@pytest.fixture
def stranger() -> Any:
    return make_client(os.environ["COLLOQUY_OTHER_KEY"], os.environ["COLLOQUY_OTHER_KEY"])


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"b-{abs(hash(request.node.nodeid)):x}"[:40]
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3: Any, name: str) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if keys := [{"Key": row["Key"]} for row in page.get("Contents", [])]:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The code of the error that a call ends with."""
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as caught:
        call(**arguments)
    code: str = caught.value.response["Error"]["Code"]
    return code
