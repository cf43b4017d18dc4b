"""`python -m tests.jobs.process`: a process with a runner, until it is told to end."""

import signal
import threading

import django


def main() -> None:
    django.setup()
    from jobs.runner import Runner

    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    runner = Runner(poll=0.2)
    runner.start()
    ending.wait()
    runner.stop(grace=0.1)


if __name__ == "__main__":
    main()
