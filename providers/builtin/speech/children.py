"""Child programs awaited from an event loop: in their own threads, killed when nobody waits."""

from collections.abc import Callable
from typing import Concatenate

from common.programs import Program, ProgramFailed, ProgramTimedOut
from providers.builtin.threads import Lane
from vocabulary.errors import UpstreamTimedOut, UpstreamUnavailable


async def run_apart[**P, R](
    lane: Lane,
    program: Program,
    work: Callable[Concatenate[Program, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """What `work(program, …)` returns, in a thread of `lane`; the program ends if we are cancelled.

    Raises `Overloaded`, `UpstreamTimedOut` or `UpstreamUnavailable`, and what `work` raises.
    """
    try:
        with program.wanted():
            return await lane.run(work, program, *args, **kwargs)
    except ProgramTimedOut as error:
        raise UpstreamTimedOut(f"builtin: {error}") from error
    except ProgramFailed as error:
        raise UpstreamUnavailable(f"builtin: {error}") from error
