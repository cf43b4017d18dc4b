"""What makes this surface itself."""

from typing import Final

from surfaces.kit import Surface
from surfaces.s3.errors import ERROR, render_error

PREFIX: Final = "s3"
SURFACE: Final = Surface(
    name="s3",
    key_headers=("authorization",),
    render_error=render_error,
    encodings=frozenset({"", "identity", "aws-chunked"}),
    title="S3",
    error=ERROR,
    media_type="application/xml",
    scheme={
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4, by an access key.",
    },
)
