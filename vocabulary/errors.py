"""Every way a request can fail, as meanings. Only `surfaces/*/errors.py` knows status codes.

DomainError
├── InvalidRequest          the caller's input is wrong, at `path`
│   └── Unrepresentable     the input is fine, but this wire or model cannot carry it
├── Unauthenticated         no key, or one we do not know
├── Forbidden               a known key without the right
├── NotFound                no such thing, or another organisation's
│   └── ModelNotFound       no such model
├── NotAllowed              this path does not take this method
├── Conflict                the thing is in a state that refuses this
│   └── InFlight            the same idempotency key is being answered right now
├── KeyReused               the same idempotency key came with another request
├── TooLarge                a body, a file or a list over its limit
├── UnsupportedMedia        a content type or encoding that is not taken
├── RateLimited             later, after `retry_after` seconds
│   └── Overloaded          this process cannot take more now
├── NotInstalled            an optional part of this server is missing
├── AddressRefused          an address that we do not reach on anybody's behalf
└── UpstreamError           a provider failed us
    ├── UpstreamRefused     it answered: no
    ├── UpstreamRateLimited it answered: later
    ├── UpstreamUnavailable it did not answer, or broke
    └── UpstreamTimedOut    it did not answer in time
"""

from typing import ClassVar


class DomainError(Exception):
    """The request failed."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)


class InvalidRequest(DomainError):
    """The request is not valid."""

    code = "invalid_request"

    def __init__(self, path: str, message: str, *, missing: bool = False) -> None:
        """`path` names the fault as `messages[2].content[0]`; an empty path is the whole body."""
        super().__init__(message)
        self.path = path
        self.missing = missing


class Unrepresentable(InvalidRequest):
    """This model cannot carry a part of the request."""

    code = "unrepresentable"


class Unauthenticated(DomainError):
    """The API key is missing or not valid."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """This API key may not do that."""

    code = "forbidden"


class NotFound(DomainError):
    """The resource does not exist."""

    code = "not_found"


class ModelNotFound(NotFound):
    """The model does not exist."""

    code = "model_not_found"


class Conflict(DomainError):
    """The resource is in a state that does not allow this."""

    code = "conflict"


class InFlight(Conflict):
    """A request with this idempotency key is still being processed."""

    code = "in_flight"


class KeyReused(DomainError):
    """This idempotency key was used with another request."""

    code = "idempotency_key_reused"


class TooLarge(DomainError):
    """The request is too large."""

    code = "too_large"


class UnsupportedMedia(DomainError):
    """The content type or encoding is not supported."""

    code = "unsupported_media"


class NotAllowed(DomainError):
    """The method is not allowed on this path."""

    code = "method_not_allowed"


class RateLimited(DomainError):
    """Too many requests."""

    code = "rate_limited"

    def __init__(self, message: str | None = None, *, retry_after: float = 1.0) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(RateLimited):
    """The server is at its limit; try again."""

    code = "overloaded"


class AddressRefused(DomainError):
    """This address may not be reached from here."""

    code = "address_refused"


class UpstreamError(DomainError):
    """The upstream failed."""

    code = "upstream_error"

    def __init__(
        self, message: str | None = None, *, status: int | None = None, provider: str = ""
    ) -> None:
        """`status` is the upstream's HTTP status, if it answered at all."""
        super().__init__(message)
        self.status = status
        self.provider = provider


class UpstreamRefused(UpstreamError):
    """The upstream refused the request."""

    code = "upstream_refused"


class UpstreamRateLimited(UpstreamError):
    """The upstream asks to try again later."""

    code = "upstream_rate_limited"

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int | None = 429,
        provider: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, provider=provider)
        self.retry_after = retry_after


class UpstreamUnavailable(UpstreamError):
    """The upstream could not be reached or broke off."""

    code = "upstream_unavailable"


class UpstreamTimedOut(UpstreamError):
    """The upstream did not answer in time."""

    code = "upstream_timeout"


class NotInstalled(DomainError):
    """An optional part of this server is not installed."""

    code = "not_installed"
