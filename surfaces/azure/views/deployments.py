"""Which model a request is for: the deployment in its path, else the one that its body names, else
the organisation's default."""

from dataclasses import replace
from typing import Final

from common.db import in_thread
from inference.queries import Power, get_default_model
from surfaces.completions import SERVED_BY_ABOUT
from surfaces.kit import Answer
from surfaces.live import EventStream, LiveCall
from surfaces.promises import Parameter
from wire.fields import find_text

CLIENT_ID: Final = "x-ms-client-request-id"
VERSION: Final = (Parameter(name="api-version", about="Taken and not looked at."),)
PASSING: Final = Parameter(
    name="extra-parameters", about="`error`, `drop` or `pass-through`: of fields not known here."
)
RETURNED: Final = {CLIENT_ID: "The caller's own.", "X-Served-By": SERVED_BY_ABOUT}


async def find_model(call: LiveCall, power: Power) -> str:
    """Raises `InvalidRequest`, or `ModelNotFound` where nothing has that power."""
    if named := call.path_args.get("deployment") or find_text(call.body, "model", ""):
        return named
    return await in_thread(get_default_model, call.actor, "", power)


def echo(call: LiveCall, answer: Answer | EventStream) -> Answer | EventStream:
    """The answer with the caller's own name for the request."""
    if (given := call.headers.get(CLIENT_ID, "")) and given.isprintable():
        return replace(answer, headers={**answer.headers, CLIENT_ID: given[:200]})
    return answer
