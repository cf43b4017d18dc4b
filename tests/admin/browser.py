"""A Chromium, driven through chromedriver's own HTTP interface (W3C WebDriver): a few verbs, no
further package."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.journeys.live import free_port, wait_for_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,700",
)
MISSING = "" if CHROMIUM and DRIVER else "chromium and chromedriver are not installed"


@dataclass(frozen=True, slots=True)
class Browser:
    """`session` is the address of the driver's session."""

    session: str

    def open(self, url: str) -> None:
        _send(f"{self.session}/url", {"url": url})

    def run(self, script: str, *args: object) -> Any:
        """What the script returns."""
        return _send(f"{self.session}/execute/sync", {"script": script, "args": list(args)})

    def click(self, css: str) -> None:
        _send(f"{self._find(css)}/click", {})

    def type(self, css: str, text: str) -> None:
        _send(f"{self._find(css)}/value", {"text": text})

    def wait(self, what: Callable[["Browser"], bool], seconds: float = 15) -> None:
        until = time.monotonic() + seconds
        while not what(self):
            assert time.monotonic() < until, self.run("return document.body.innerText")
            time.sleep(0.05)

    def _find(self, css: str) -> str:
        found = _send(f"{self.session}/element", {"using": "css selector", "value": css})
        return f"{self.session}/element/{found[ELEMENT]}"


@contextmanager
def browsing() -> Iterator[Browser]:
    assert DRIVER
    port = free_port()
    driver = subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, driver)
        options = {"binary": CHROMIUM, "args": FLAGS}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        address = f"http://127.0.0.1:{port}/session"
        session = f"{address}/{_send(address, wanted)['sessionId']}"
        try:
            yield Browser(session)
        finally:
            _send(session, None, "DELETE")
    finally:
        driver.terminate()
        driver.wait(10)


def _send(address: str, body: object, method: str = "POST") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]
