"""What a workflow is given: its input, and the verbs that make it durable.

    def refund(run: Run) -> Json:
        order = run.step("find order", find_order, run.input["order"])
        run.expect("approval")
        run.step_once("ask", ask_for_approval, order)
        return run.step("pay", pay, order, run.wait("approval"))

A workflow is started again from its top after a crash or a wait. Steps that the journal holds are
not done again, so everything that is not the same each time belongs into a step.
"""

from collections.abc import Callable
from typing import cast

from django.db.models.functions import Now

from executions import journal
from executions.journal import Interrupted, Stopped
from executions.models import Execution, ExecutionStatus
from organisations.actor import Actor, system
from vocabulary.json import Json, JsonObject


class Parked(BaseException):
    """The workflow waits at `step`. Not an `Exception`, lest a workflow catches it by accident."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class Run:
    """One run of a workflow through its journal."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    @property
    def input(self) -> JsonObject:
        given: JsonObject = self._execution.input
        return given

    @property
    def actor(self) -> Actor:
        """The server itself, working for the execution's organisation."""
        return system(self._execution.organisation_id, f"execution {self._execution.name}")

    def step[*P](self, name: str, fn: Callable[[*P], Json], *args: *P) -> Json:
        """What `fn` returned when the step was first completed. A crash within does it again.

        `name` is unique in the workflow; arguments and result are JSON.
        """
        entry = journal.begin(self._execution, name, cast(Json, args))
        if entry.is_completed:
            return entry.output
        return journal.complete(self._execution, entry, fn(*args))

    def step_once[*P](self, name: str, fn: Callable[[*P], Json], *args: *P) -> Json:
        """As `step`, for effects that must not be repeated: a crash within raises `Interrupted`."""
        entry = journal.begin(self._execution, name, cast(Json, args))
        if entry.is_completed:
            return entry.output
        if not entry.fresh:
            journal.interrupt(entry)
            raise Interrupted(f"step {name!r} was begun and its end is not known")
        return journal.complete(self._execution, entry, fn(*args))

    def expect(self, name: str) -> None:
        """Open `wait(name)` before anybody is told of it, so that no answer comes too early."""
        journal.begin(self._execution, name, None, waiting=True)

    def wait(self, name: str) -> Json:
        """The payload that `resume` brought. Until then the execution is parked."""
        entry = journal.begin(self._execution, name, None, waiting=True)
        if entry.is_completed:
            return entry.output
        raise Parked(name)

    def report(self, progress: JsonObject) -> None:
        """Show how far the workflow is. Raises `Stopped` if it need not go on."""
        running = Execution.unscoped.filter(
            id=self._execution.id, status=ExecutionStatus.RUNNING, deadline_at__gt=Now()
        )
        if not running.update(progress=dict(progress)):
            raise Stopped
