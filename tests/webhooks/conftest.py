"""A receiver that really listens, organisations, and a schedule that is short."""

import itertools
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from organisations.actor import Actor, system
from organisations.models import Organisation
from tests.webhooks.receiving import Post, Receiver


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_NETWORKS = ["127.0.0.0/8"]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, text = memory.take(Post(self.path, headers, body))
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    memory = Receiver(f"http://127.0.0.1:{server.server_port}/hooks")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield memory
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def short_schedule(settings):
    settings.WEBHOOK_SCHEDULE_SCALE = 0.001


@pytest.fixture
def new_actor(db) -> Callable[[], Actor]:
    numbers = itertools.count(1)

    def make() -> Actor:
        return system(Organisation.objects.create(slug=f"tenant-{next(numbers)}").pk)

    return make


@pytest.fixture
def actor(new_actor: Callable[[], Actor]) -> Actor:
    return new_actor()
