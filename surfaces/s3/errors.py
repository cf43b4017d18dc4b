"""Errors in S3's words: a document with a code, which clients make exceptions of.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from surfaces.conditions import PreconditionFailed
from surfaces.gate import SlowBody
from surfaces.kit import Answer
from surfaces.ranges import Unsatisfiable, range_headers
from surfaces.retries import retry_headers
from surfaces.s3.checksums import BadDigest
from surfaces.s3.signatures import BadPayload, BadSignature, BadTime, Expired, Unsigned
from surfaces.s3.translate.xml import XML, Element, Malformed, spell
from vocabulary.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidRequest,
    NotAllowed,
    NotFound,
    NotInstalled,
    Overloaded,
    RateLimited,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from wire.shapes import TEXT, record


class NoSuchBucket(NotFound):
    """The specified bucket does not exist."""


class NoSuchKey(NotFound):
    """The specified key does not exist."""


class NoSuchUpload(NotFound):
    """The specified multipart upload does not exist."""


class BucketNotEmpty(Conflict):
    """The bucket you tried to delete is not empty."""


class InvalidBucketName(InvalidRequest):
    """The specified bucket is not valid."""


class InvalidPart(InvalidRequest):
    """A part was not found, or did not have this etag."""


class NotImplementedHere(DomainError):
    """This server does not have what the request asks for."""


_CODES: Final[Mapping[type[DomainError], tuple[int, str]]] = {
    DomainError: (500, "InternalError"),
    NotImplementedHere: (501, "NotImplemented"),
    NotInstalled: (501, "NotImplemented"),
    InvalidRequest: (400, "InvalidArgument"),
    InvalidBucketName: (400, "InvalidBucketName"),
    InvalidPart: (400, "InvalidPart"),
    BadDigest: (400, "BadDigest"),
    BadPayload: (400, "XAmzContentSHA256Mismatch"),
    Malformed: (400, "MalformedXML"),
    SlowBody: (400, "RequestTimeout"),
    BadSignature: (403, "SignatureDoesNotMatch"),
    BadTime: (403, "RequestTimeTooSkewed"),
    Expired: (403, "AccessDenied"),
    Unsigned: (403, "AccessDenied"),
    Unauthenticated: (403, "InvalidAccessKeyId"),
    Forbidden: (403, "AccessDenied"),
    NotFound: (404, "NoSuchKey"),
    NoSuchBucket: (404, "NoSuchBucket"),
    NoSuchUpload: (404, "NoSuchUpload"),
    NotAllowed: (405, "MethodNotAllowed"),
    Conflict: (409, "OperationAborted"),
    BucketNotEmpty: (409, "BucketNotEmpty"),
    PreconditionFailed: (412, "PreconditionFailed"),
    TooLarge: (400, "EntityTooLarge"),
    UnsupportedMedia: (400, "InvalidRequest"),
    Unsatisfiable: (416, "InvalidRange"),
    RateLimited: (503, "SlowDown"),
    Overloaded: (503, "SlowDown"),
}
ERROR: Final = record("Error", {"Code": TEXT, "Message": TEXT})


def render_error(error: DomainError) -> Answer:
    status, code = next(_CODES[cls] for cls in type(error).__mro__ if cls in _CODES)
    message = error.message
    if isinstance(error, InvalidRequest) and error.path:
        message = f"{error.path}: {message}"
    body = spell(Element("Error", [Element("Code", code), Element("Message", message)]))
    headers = {**XML, **retry_headers(error), **range_headers(error)}
    return Answer(status=status, body=body, headers=headers)


@contextmanager
def missing(meaning: type[NotFound]) -> Iterator[None]:
    """What is not found inside is what `meaning` says."""
    try:
        yield
    except NotFound as error:
        raise meaning(error.message) from error
