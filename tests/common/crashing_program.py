"""A program that does as it is told, for the tests of `common.programs`."""

import os
import resource
import signal
import sys
import time

from common.serving import Answer, serve


def work(order, data):
    match order["do"]:
        case "echo":
            print("what a library prints")
            return Answer({"order": order, "here": sorted(os.environ)}, data)
        case "limits":
            names = ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE")
            kept = [resource.getrlimit(getattr(resource, name))[0] for name in names]
            return Answer({"limits": kept, "nice": os.nice(0)})
        case "crash":
            os.abort()
        case "spin":
            while True:
                pass
        case "hang":
            time.sleep(60)
        case "session":
            return Answer({"session": os.getsid(0)})
        case "end":
            os.kill(os.getpid(), signal.SIGTERM)
        case "exit":
            sys.exit(0)
    raise ValueError


if __name__ == "__main__":
    serve(work)
