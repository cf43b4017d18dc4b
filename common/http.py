"""The one outbound door. Everything this server says to another one over HTTP goes through here.

It never follows redirects, reads no proxy settings, keeps no cookies, takes no compressed replies
and reaches no address that `common.addresses` refuses. The check is made where it cannot be
outrun: a literal address just before connecting, a name in the connector's resolver, whose checked
answers are the very addresses that are connected to.

Headers may hold secrets and a URL's query may too, so messages name hosts and nothing else.
"""

import asyncio
import io
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from multidict import CIMultiDict
from yarl import URL

from common.addresses import WEB_PORTS, Address, Policy, literal_address, parse_policy
from vocabulary.errors import AddressRefused, UpstreamError, UpstreamTimedOut, UpstreamUnavailable
from wire.http import Body, Deadlines, Form, FormFile, HttpCall, Reply

HEADERS = {"Accept-Encoding": "identity", "User-Agent": "colloquy"}
LARGE_BODY = 1 << 20  # bytes; aiohttp wants larger ones as a file, to send them in pieces
DNS_TTL = 10  # seconds

_lookups = ThreadPoolExecutor(16, thread_name_prefix="dns")
_sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
_holders: dict[asyncio.AbstractEventLoop, AsyncGenerator[aiohttp.ClientSession]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamingReply:
    """A reply whose body arrives as `chunks`; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


async def send(call: HttpCall) -> Reply:
    """Send `call` and read the whole reply, whatever its status.

    Raises `AddressRefused`, `UpstreamTimedOut` or `UpstreamUnavailable`.
    """
    try:
        with ExitStack() as files:
            async with asyncio.timeout(call.deadlines.total):
                response = await _request(call, files)
                try:
                    body = await _read(response, call.max_bytes)
                finally:
                    response.release()
    except (aiohttp.ClientError, OSError) as error:
        raise _meaning(call, error) from error
    return Reply(status=response.status, headers=_headers(response), body=body)


@asynccontextmanager
async def open_stream(call: HttpCall) -> AsyncIterator[StreamingReply]:
    """Send `call` and read its reply piece by piece. Leaving early hangs up on the upstream.

    Raises as `send`, and reading `chunks` does too.
    """
    deadline = asyncio.get_running_loop().time() + call.deadlines.total
    with ExitStack() as files:
        try:
            async with asyncio.timeout_at(deadline):
                response = await _request(call, files)
        except (aiohttp.ClientError, OSError) as error:
            raise _meaning(call, error) from error
        try:
            yield StreamingReply(
                status=response.status,
                headers=_headers(response),
                chunks=_chunks(call, response, deadline),
            )
        finally:
            response.release()


def check_address(url: str) -> None:
    """Raise `AddressRefused` for a URL that can be seen to be bad, so that saving it fails early.

    A name is not looked up; what it means is decided anew at each connection.
    """
    policy = current_policy()
    target = _target(url, policy)
    host = (target.host or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        _vet(host, ip_address("127.0.0.1"), target.port or 0, policy)
    if not policy.allowed and target.port not in WEB_PORTS:
        raise AddressRefused(f"{host}: port {target.port} is not allowed")


async def close() -> None:
    """Close the running loop's connections. A loop's orderly end does the same by itself."""
    holder = _holders.get(asyncio.get_running_loop())
    if holder is not None:
        await holder.aclose()


def current_policy() -> Policy:
    return _policy(tuple(settings.ALLOW_PRIVATE_NETWORKS))


@lru_cache(maxsize=16)
def _policy(networks: tuple[str, ...]) -> Policy:
    return parse_policy(networks)


# -- where a call may go ------------------------------------------------------------------------
@lru_cache(maxsize=1024)
def _target(url: str, policy: Policy) -> URL:
    """Read `url` as the HTTP library will, and refuse all that needs no resolver to refuse."""
    try:
        target = URL(url)
        host = target.raw_host
        _check_spelling(target)
    except ValueError as error:
        raise AddressRefused("the URL cannot be read") from error
    if target.scheme not in {"http", "https"} or not host:
        raise AddressRefused("only http:// and https:// URLs with a host are allowed")
    if target.raw_user is not None or target.raw_password is not None:
        raise AddressRefused("a URL may not carry a user or a password")
    address = _literal(host)
    if address is not None:
        _vet(host, address, target.port or 0, policy)
    return target


def _check_spelling(target: URL) -> None:
    """Raises `ValueError` for a name that no resolver takes, or that cannot be written for people:
    a label that is empty, too long or wrongly encoded. The HTTP library would trip over it."""
    spelled = target.host or ""
    (target.raw_host or spelled).encode("idna")


def _literal(host: str) -> Address | None:
    try:
        return literal_address(host)
    except ValueError as error:
        raise AddressRefused(str(error)) from error


def _vet(host: str, address: Address, port: int, policy: Policy) -> None:
    refusal = policy.refusal(address, port)
    if refusal:
        raise AddressRefused(f"{host}: {refusal}")


class GuardedResolver(AbstractResolver):
    """Looks names up in threads of its own and vets every answer: one bad answer spoils all."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        policy = current_policy()
        answers = await loop.run_in_executor(_lookups, look_up, host, port, family)
        for answer in answers:
            _vet(host, ip_address(answer), port, policy)
        return [_resolved(host, answer, port) for answer in answers]

    async def close(self) -> None:
        pass


def look_up(host: str, port: int, family: socket.AddressFamily) -> list[str]:
    """The addresses of `host` by the system's resolver, in its order; raises OSError."""
    found = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [str(place[0]) for *_, place in found]


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


# -- one session a loop -------------------------------------------------------------------------
async def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None:
        _holders[loop] = holder = _hold(loop)
        session = await anext(holder)
    return session


async def _hold(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[aiohttp.ClientSession]:
    """Keeps the loop's session. Every orderly end of a loop closes its asynchronous generators,
    so the connections are closed there without anybody having to remember it."""
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(), limit=0, ttl_dns_cache=DNS_TTL, keepalive_timeout=15
    )
    session = aiohttp.ClientSession(
        connector=connector,
        headers=HEADERS,
        skip_auto_headers=("Content-Type",),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
    _sessions[loop] = session
    try:
        yield session
    finally:
        del _sessions[loop], _holders[loop]
        await session.close()


# -- one call -----------------------------------------------------------------------------------
async def _request(call: HttpCall, files: ExitStack) -> aiohttp.ClientResponse:
    """The reply, of which only the head has arrived. Releasing it unread cuts the connection.

    `files` closes what the body is read from.
    """
    session = await _session()
    target = _target(call.url, current_policy())
    payload = _payload(call.body, files)
    headers = call.headers
    if isinstance(payload, aiohttp.MultipartWriter):
        headers = {**headers, "Content-Type": payload.content_type}
    response = await session.request(
        call.method,
        target,
        headers=headers,
        data=payload,
        allow_redirects=False,
        timeout=_timeout(call.deadlines),
    )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        response.release()
        raise UpstreamUnavailable(
            f"{response.host}: the reply is encoded unasked", status=response.status
        )
    return response


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    left = max_bytes
    while chunk := await response.content.readany():
        left = _spend(left, chunk, response)
        chunks.append(chunk)
    return b"".join(chunks)


async def _chunks(
    call: HttpCall, response: aiohttp.ClientResponse, deadline: float
) -> AsyncIterator[bytes]:
    """The deadline is watched at each wait, not around the stream: between two waits the time is
    the reader's, who may even be another task than the one that opened it."""
    left = call.max_bytes
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                chunk = await response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise _meaning(call, error) from error
        if not chunk:
            return
        left = _spend(left, chunk, response)
        yield chunk


def _spend(left: int, chunk: bytes, response: aiohttp.ClientResponse) -> int:
    """How many bytes may still come after `chunk`."""
    if len(chunk) > left:
        raise UpstreamUnavailable(
            f"{response.host}: the reply is too large", status=response.status
        )
    return left - len(chunk)


def _meaning(call: HttpCall, error: Exception) -> UpstreamError:
    """The HTTP library's error in our words. Errors about connections are quoted, those about
    replies are not: they may quote the URL and its secrets."""
    host = URL(call.url).host
    if isinstance(error, TimeoutError):
        return UpstreamTimedOut(f"{host} did not answer in time")
    told = isinstance(error, aiohttp.ClientConnectionError | OSError) and str(error)
    return UpstreamUnavailable(f"{host}: {told or type(error).__name__}")


def _payload(
    body: Body, files: ExitStack
) -> bytes | io.BufferedIOBase | aiohttp.MultipartWriter | None:
    match body:
        case bytes():
            return io.BytesIO(body) if len(body) > LARGE_BODY else body or None
        case Path():
            return files.enter_context(body.open("rb"))
    return _form(body, files)


def _form(parts: Form, files: ExitStack) -> aiohttp.MultipartWriter:
    """Names are quoted as browsers do it: no line break in one can begin a part of its own."""
    form = aiohttp.MultipartWriter("form-data")
    for name, part in parts:
        if isinstance(part, FormFile):
            kind = CIMultiDict({"Content-Type": part.media_type})
            payload = form.append(files.enter_context(part.path.open("rb")), kind)
            payload.set_content_disposition("form-data", name=name, filename=part.name)
        else:
            form.append(part).set_content_disposition("form-data", name=name)
    return form


@lru_cache(maxsize=64)
def _timeout(deadlines: Deadlines) -> aiohttp.ClientTimeout:
    """`total` is ours to watch: the library's own would not cover the reading of a stream."""
    return aiohttp.ClientTimeout(
        total=None, connect=deadlines.connect, sock_read=deadlines.between_bytes
    )


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
