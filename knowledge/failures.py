"""Which errors end a document, and how they are told to whoever put the file there."""

from vocabulary.errors import (
    DomainError,
    RateLimited,
    TooLarge,
    UnsupportedMedia,
    UpstreamError,
    UpstreamRefused,
)


def is_final(error: DomainError) -> bool:
    """Whether trying again would come to the same."""
    if isinstance(error, UpstreamRefused):
        return True
    return not isinstance(error, UpstreamError | RateLimited)


def is_of_the_file(error: DomainError) -> bool:
    """Whether it is the file's own doing, and not this server's or an upstream's."""
    return isinstance(error, UnsupportedMedia | TooLarge)


def reason_of(error: str) -> str:
    """A job's error, `UpstreamTimedOut: too slow`, as a reason: `too slow`."""
    kind, mark, words = error.partition(": ")
    return words if mark and kind.isidentifier() else error
