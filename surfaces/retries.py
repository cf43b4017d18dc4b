"""What vendors' SDKs, which repeat 409, 429 and 5xx by themselves, read from an error's headers.

They all take `retry-after` and `x-should-retry`, for one generator makes them.
"""

import math

from vocabulary.errors import (
    Conflict,
    DomainError,
    InFlight,
    NotInstalled,
    RateLimited,
    UpstreamRateLimited,
    UpstreamRefused,
)


def retry_headers(error: DomainError) -> dict[str, str]:
    """When to ask again; or not to, where asking again cannot help."""
    match error:
        case InFlight():
            return {"retry-after": "1"}
        case Conflict() | NotInstalled() | UpstreamRefused():
            return {"x-should-retry": "false"}
        case RateLimited() | UpstreamRateLimited():
            return {"retry-after": str(math.ceil(error.retry_after or 1))}
    return {}
