"""Workflows of the tests; `DONE` lists the steps whose function was really called."""

from executions.run import Run
from vocabulary.json import Json

DONE: list[str] = []
FAIL_AT: set[str] = set()


def do(step: str, value: Json = None) -> Json:
    DONE.append(step)
    if step in FAIL_AT:
        raise ValueError(f"{step} failed")
    return {"step": step, "value": value}


def two_steps(run: Run) -> Json:
    first = run.step("first", do, "first", run.input.get("value"))
    run.report({"done": 1})
    second = run.step("second", do, "second", first)
    return {"answer": second}


def asks(run: Run) -> Json:
    run.expect("approval")
    run.step_once("ask", do, "ask")
    return {"approval": run.wait("approval")}


def waits_twice(run: Run) -> Json:
    return [run.wait("a"), run.wait("b")]


def wanders(run: Run) -> Json:
    return run.step("same", do, "same", len(DONE))


def endless(run: Run) -> Json:
    for number in range(2000):
        run.step(f"step {number}", do, "more")
    return None


def hoards(run: Run) -> Json:
    for number in range(20):
        run.step(f"step {number}", lambda: "x" * 1_000_000)
    return None
