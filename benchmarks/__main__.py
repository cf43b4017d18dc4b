"""`make bench`: one run, one table. What is measured has one core, the rest has the other.

Environment: `BENCH_DATABASE=sqlite`, else PostgreSQL if there is one; `BENCH_SECONDS` (8) of a
phase; `BENCH_INSIGHTS` (6000). Where the load's core is busy, read the CPU ratios: the limit falls
with the load, and ours does not.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
import uvloop

from benchmarks.load import Measured, Target, closed_loop, open_loop, percentile, streams
from benchmarks.processes import Running, free_port, running
from benchmarks.store import make_conversations, make_tenant, store

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
CONNECTIONS = 32
STREAMS = 500
INSIGHTS = int(os.environ.get("BENCH_INSIGHTS", "6000"))
MESSAGES = [
    {"role": "system", "content": "You are the assistant of a parcel service. " * 4},
    {"role": "user", "content": "My parcel has not come yet, where is it? " * 8},
]


HISTORY = 20
"""Messages that a caller sends again with each request, in the row about that."""
LONG = 200
"""Messages that a conversation already has, in the row about long ones."""


def chat(*, stream: bool = False, history: int = 0) -> bytes:
    """A chat of about 1 kB, with `history` earlier messages resent before the last."""
    told = [
        {"role": ("user", "assistant")[place % 2], "content": f"{place}: and then? " * 4}
        for place in range(history)
    ]
    messages = [MESSAGES[0], *told, MESSAGES[1]]
    return orjson.dumps({"model": "mock/bench-1", "messages": messages, "stream": stream})


@dataclass(frozen=True, slots=True)
class Load:
    """A phase's measurements and the server's CPU milliseconds a request."""

    seen: Measured
    cpu_ms: float


async def loaded(server: Running, targets: Sequence[Target]) -> Load:
    """Warm up, then as much as 32 callers get through, the targets dealt out among them."""
    await closed_loop(targets, connections=CONNECTIONS, seconds=SECONDS / 4)
    before = server.cpu_seconds()
    seen = await closed_loop(targets, connections=CONNECTIONS, seconds=SECONDS)
    spent = server.cpu_seconds() - before
    return Load(seen, 1000 * spent / max(len(seen.latencies), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server under measurement: its process and where its chats go."""

    process: Running
    port: int
    path: str
    headers: Mapping[str, str]

    def target(self, *, stream: bool = False, conversation: str = "", history: int = 0) -> Target:
        """`conversation` is an id or `new`; without one nothing but usage is stored."""
        headers = dict(self.headers)
        if conversation:
            headers["x-conversation-id"] = conversation
        body = chat(stream=stream, history=history)
        return Target(port=self.port, path=self.path, body=body, headers=headers)


@contextmanager
def limit_server(upstream: int) -> Iterator[Server]:
    port = free_port()
    env = {"BENCH_UPSTREAM": f"http://127.0.0.1:{upstream}/v1/chat/completions"}
    command = ("-m", "uvicorn", "benchmarks.limit:application", "--port", str(port))
    quiet = ("--log-level", "warning", "--no-access-log", "--lifespan", "off")
    with running(*command, *quiet, core=0, port=port, env=env) as process:
        yield Server(process=process, port=port, path="/v1/chat/completions", headers={})


@contextmanager
def our_server(env: Mapping[str, str], key: str) -> Iterator[Server]:
    port = free_port()
    with running(
        "manage.py", "serve", core=0, port=port, env={**env, "PORT": str(port)}
    ) as process:
        headers = {"authorization": f"Bearer {key}"}
        path = "/openai/v1/chat/completions"
        yield Server(process=process, port=port, path=path, headers=headers)


def row(name: str, value: str, must: str = "") -> None:
    print(f"{name:<58} {value:>16}   {must}", flush=True)


def measure_chat(limit: Server, ours: Server, conversations: Sequence[str]) -> None:
    """Each against the limit measured just before, for a shared machine's speed drifts."""
    long = [ours.target(conversation=each) for each in conversations]
    resent = [ours.target(conversation=each, history=HISTORY) for each in conversations]
    cases = (
        ("chat without a conversation", [ours.target()], ">= 0.35"),
        ("chat committed to a new conversation", [ours.target(conversation="new")], ">= 0.20"),
        (f"chat in a conversation of {LONG}", long, ""),
        (f"the same with {HISTORY} messages resent", resent, ""),
    )
    for name, targets, must in cases:
        bare = uvloop.run(loaded(limit.process, [limit.target()]))
        load = uvloop.run(loaded(ours.process, targets))
        row(f"{name}: requests / limit", f"{load.seen.per_second / bare.seen.per_second:.2f}", must)
        row(f"{name}: a second, limit", f"{load.seen.per_second:.0f}, {bare.seen.per_second:.0f}")
        row(f"{name}: CPU ms a request, limit", f"{load.cpu_ms:.3f}, {bare.cpu_ms:.3f}")
        row(f"{name}: limit's CPU / ours", f"{bare.cpu_ms / load.cpu_ms:.2f}", must)
        row(f"{name}: errors", str(load.seen.errors), "0")


def measure_latency(direct: Target, limit: Server, ours: Server) -> None:
    async def median(target: Target) -> float:
        seen = await open_loop(target, per_second=100, seconds=SECONDS / 2)
        return 1000 * percentile(seen.latencies, 0.5)

    base = uvloop.run(median(direct))
    bare = uvloop.run(median(limit.target())) - base
    plain = uvloop.run(median(ours.target())) - base
    full = uvloop.run(median(ours.target(conversation="new"))) - base
    row("added p50 at 100/s, limit", f"{bare:.2f} ms")
    row("added p50 at 100/s, without a conversation", f"{plain:.2f} ms")
    row("added p50 at 100/s, in a conversation", f"{full:.2f} ms")
    row("added p50 at 100/s, in a conversation / limit's", f"{full / bare:.1f}", "<= 3")


def measure_streams(direct: Target, limit: Server, ours: Server) -> None:
    row("memory idle", f"{ours.process.megabytes():.0f} MB", "<= 160")
    base = uvloop.run(streams(direct, count=STREAMS, per_second=200))
    first = 1000 * percentile(base.latencies, 0.5)
    for name, server in (("limit", limit), ("ours", ours)):
        seen, memory = uvloop.run(_watched(server))
        added = 1000 * percentile(seen.latencies, 0.5) - first
        musts = ("<= 10", "<= 20", "0", "<= 200") if server is ours else ("", "", "", "")
        row(f"{STREAMS} streams, {name}: first chunk added p50", f"{added:.1f} ms", musts[0])
        row(
            f"{STREAMS} streams, {name}: chunk age p99",
            f"{1000 * percentile(seen.ages, 0.99):.1f} ms",
            musts[1],
        )
        row(f"{STREAMS} streams, {name}: errors", str(seen.errors), musts[2])
        row(f"{STREAMS} streams, {name}: memory", f"{memory:.0f} MB", musts[3])


async def _watched(server: Server) -> tuple[Measured, float]:
    """The streams, and the most memory the server had meanwhile."""
    peak = 0.0
    work = asyncio.ensure_future(streams(server.target(stream=True), count=STREAMS, per_second=200))
    while not work.done():
        peak = max(peak, server.process.megabytes())
        await asyncio.sleep(0.25)
    return work.result(), peak


def measure_insights(how: str, name: str) -> None:
    """One worker over conversations prepared as `how` says (`benchmarks.insights`)."""
    port = free_port()
    with store() as env, running("-m", "benchmarks.upstream", str(port), "0.2", core=1, port=port):
        make_tenant(env, port)
        run(env, "prepare", str(INSIGHTS), how)
        with running("-m", "benchmarks.insights", "work", core=0, env=env) as worker:
            done = _wait_for_insights(env)
            memory = worker.megabytes()
    row(f"insights a second, {name}", f"{done:.0f}", ">= 600")
    row(f"insights, {name}: worker's memory", f"{memory:.0f} MB")


def _wait_for_insights(env: Mapping[str, str]) -> float:
    for _ in range(120):
        time.sleep(2)
        report = json.loads(run(env, "report"))
        if report["completed"] + report["failed"] >= INSIGHTS:
            row("insights failed", str(report["failed"]), "0")
            return float(report["completed"] / max(report["seconds"], 0.001))
    raise TimeoutError("the insights were not finished in time")


def run(env: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.insights", *command],
        env={**os.environ, **env},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def main() -> None:
    upstream = free_port()
    direct = Target(port=upstream, path="/v1/chat/completions", body=chat())
    streamed = Target(port=upstream, path="/v1/chat/completions", body=chat(stream=True))
    with running("-m", "benchmarks.upstream", str(upstream), core=1, port=upstream):
        with store() as env:
            row("database", "PostgreSQL" if "DATABASE_URL" in env else "SQLite")
            key = make_tenant(env, upstream)
            with limit_server(upstream) as limit, our_server(env, key) as ours:
                measure_chat(limit, ours, make_conversations(env, CONNECTIONS, LONG))
                measure_latency(direct, limit, ours)
                measure_streams(streamed, limit, ours)
        measure_insights("opened", "runs already opened")
        measure_insights("ended", "from the conversation's end")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the database is dropped
    main()
