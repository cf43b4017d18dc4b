"""When an endpoint is given up: it says that it is gone, or has failed for days on end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from webhooks.endpoints import disable_endpoints
from webhooks.models import Endpoint
from webhooks.posting import Attempted
from webhooks.schedule import PATIENCE, scaled

IS_GONE = "the receiver answered 410 Gone"
IS_FAILING = "no delivery succeeded for five days"


def judge(attempts: Iterable[tuple[Endpoint, Attempted]]) -> None:
    """Note failures and recoveries of endpoints (the caller locked them); disable the hopeless."""
    histories: dict[Endpoint, list[Attempted]] = defaultdict(list)
    for endpoint, attempted in attempts:
        histories[endpoint].append(attempted)
    changed = [each for each, history in histories.items() if _note(each, history)]
    Endpoint.unscoped.bulk_update(changed, ["failing_since"])
    reasons = {each: _verdict(each, history) for each, history in histories.items()}
    disable_endpoints({each: why for each, why in reasons.items() if why and each.is_enabled})


def _note(endpoint: Endpoint, history: Sequence[Attempted]) -> bool:
    """Whether `failing_since` had to change."""
    before = endpoint.failing_since
    if any(attempted.succeeded for attempted in history):
        endpoint.failing_since = None
    elif before is None:
        endpoint.failing_since = min(attempted.at for attempted in history)
    return endpoint.failing_since != before


def _verdict(endpoint: Endpoint, history: Sequence[Attempted]) -> str | None:
    """Why the endpoint is to be disabled, if it is."""
    if any(attempted.is_gone for attempted in history):
        return IS_GONE
    since = endpoint.failing_since
    latest = max(attempted.at for attempted in history)
    if since is not None and latest - since >= timedelta(seconds=scaled(PATIENCE)):
        return IS_FAILING
    return None
