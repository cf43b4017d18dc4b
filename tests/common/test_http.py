"""The outbound door, against real servers on this machine."""

import asyncio
import gc
import socket
import ssl
import warnings
import zlib
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from common import http
from vocabulary.errors import AddressRefused, UpstreamTimedOut, UpstreamUnavailable
from wire.http import Deadlines, HttpCall

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK = ["127.0.0.0/8"]

HOSTILE = [
    "http://127.0.0.1/",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7F.0.0.1:{port}/",
    "http://0x7f.1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0177.0.0.01:{port}/",
    "http://127.0.0.1%00:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127.0.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:7f00:1::80ff:fffe]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://8.8.8.8@127.0.0.1:{port}/",
    "http://8.8.8.8:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@8.8.8.8/",
    "http://127.0.0.1:{port}\\@8.8.8.8/",
    "http:\\\\127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "tcp://127.0.0.1:{port}/",
    "unix:///var/run/docker.sock",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xA9FEA9FE/latest/meta-data/",
    "http://0251.0376.0251.0376/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://8.8.8.8:22/",
    "http://8.8.8.8:0/",
    "http://",
    "http://[",
    "",
]


class Server:
    """Listens on 127.0.0.1, counts connections and talks as told."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.connections = 0
        self.port = 0
        self.heads: list[bytes] = []
        self.hung_up = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                await self.talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None):
    server = Server(talk)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await http.close()
        for writer in server.writers:
            writer.transport.abort()
        await listener.wait_closed()


def saying(text: bytes) -> Talk:
    async def talk(reader, writer):
        writer.write(text)
        await writer.drain()

    return talk


OK = saying(b"HTTP/1.1 200 OK\r\nX-Kind: Fine\r\nContent-Length: 2\r\n\r\nok")


def get(url: str, **options) -> HttpCall:
    return HttpCall(method="GET", url=url, **options)


@pytest.fixture
def loopback(settings):
    settings.ALLOW_PRIVATE_NETWORKS = LOOPBACK


@pytest.fixture
def answers(monkeypatch):
    """Scripted DNS: each look-up takes the next list, the last one stays."""

    def script(*lists: list[str]):
        left = list(lists)
        monkeypatch.setattr(
            http, "look_up", lambda *_: left.pop(0) if len(left) > 1 else list(left[0])
        )

    return script


# -- where it goes ------------------------------------------------------------------------------
@pytest.mark.parametrize("spelling", HOSTILE)
async def test_no_spelling_of_a_private_address_is_connected_to(settings, spelling):
    settings.ALLOW_PRIVATE_NETWORKS = []
    async with serving(OK) as server:
        with pytest.raises((AddressRefused, UpstreamUnavailable)):
            await http.send(get(spelling.format(port=server.port)))
        assert server.connections == 0


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1."])
async def test_odd_spellings_stay_refused_where_loopback_is_allowed(loopback, host):
    async with serving(OK) as server:
        with pytest.raises(AddressRefused, match="not a canonical address"):
            await http.send(get(f"http://{host}:{server.port}/"))
        assert server.connections == 0


@pytest.mark.parametrize(
    "host", ["a..b", ".a", f"{'a' * 64}.example", "xn--", "xn--999999.example"]
)
async def test_a_name_that_no_resolver_takes_is_refused(host):
    with pytest.raises(AddressRefused):
        http.check_address(f"http://{host}/")
    with pytest.raises(AddressRefused):
        await http.send(get(f"http://{host}/"))


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/"],
)
async def test_metadata_is_refused_even_if_the_operator_lists_everything(settings, url):
    settings.ALLOW_PRIVATE_NETWORKS = ["0.0.0.0/0", "::/0"]
    with pytest.raises(AddressRefused, match="metadata"):
        await http.send(get(url))
    with pytest.raises(AddressRefused, match="metadata"):
        http.check_address(url)


async def test_a_name_is_refused_if_any_of_its_answers_is_not_public(settings, answers):
    settings.ALLOW_PRIVATE_NETWORKS = []
    answers(["93.184.216.34", "127.0.0.1"])
    with pytest.raises(AddressRefused, match=r"mixed\.example: the address is not public"):
        await http.send(get("http://mixed.example/"))
    await http.close()


async def test_a_name_that_rebinds_is_judged_by_the_addresses_it_is_connected_to(
    loopback, answers, monkeypatch
):
    """200 times the name turns from an allowed address to a private one, and back."""
    monkeypatch.setattr(http, "DNS_TTL", 0)
    closing = saying(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
    async with serving(closing) as server:
        url = f"http://rebinding.example:{server.port}/"
        answers(*[["127.0.0.1"], ["10.0.0.7"]] * 200)
        outcomes = [await _outcome(url) for _ in range(400)]
        assert outcomes == [200, "refused"] * 200
        assert server.connections == 200


async def _outcome(url: str) -> int | str:
    try:
        return (await http.send(get(url))).status
    except AddressRefused:
        return "refused"


async def test_the_host_header_keeps_the_name(loopback, answers):
    answers(["127.0.0.1"])
    async with serving(OK) as server:
        await http.send(get(f"http://named.example:{server.port}/"))
        assert f"Host: named.example:{server.port}".encode() in server.heads[0]


async def test_proxies_of_the_environment_are_ignored(loopback, monkeypatch):
    async with serving(OK) as proxy, serving(OK) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert (await http.send(get(server.url))).status == 200
        assert (proxy.connections, server.connections) == (0, 1)


async def test_redirects_are_returned_and_not_followed(loopback):
    async with serving(OK) as private:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {private.url}\r\nContent-Length: 0\r\n\r\n"
        async with serving(saying(moved.encode())) as server:
            reply = await http.send(get(server.url))
            assert (reply.status, reply.headers["location"]) == (302, private.url)
            assert private.connections == 0


async def test_public_addresses_are_reached_on_the_ports_of_the_web_only(settings):
    settings.ALLOW_PRIVATE_NETWORKS = []
    for good in ("https://93.184.216.34/", "http://93.184.216.34:80/", "https://api.example/v1"):
        http.check_address(good)
    for bad in ("http://93.184.216.34:8080/", "https://api.example:22/", "http://a.localhost/"):
        with pytest.raises(AddressRefused):
            http.check_address(bad)


async def test_a_name_with_an_odd_port_may_be_saved_where_networks_are_allowed(loopback):
    http.check_address("http://receiver.internal:9000/hooks")
    http.check_address("http://localhost:9000/hooks")


async def test_a_certificate_nobody_vouches_for_is_refused(loopback, answers, tmp_path):
    answers(["127.0.0.1"])
    async with serving(OK, _self_signed("named.example", tmp_path)) as server:
        with pytest.raises(UpstreamUnavailable, match=r"named\.example.*CERTIFICATE_VERIFY_FAILED"):
            await http.send(get(f"https://named.example:{server.port}/"))
        assert server.heads == []


def _self_signed(name: str, place: Path) -> ssl.SSLContext:
    key = Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, None)
    )
    pair = place / "pair.pem"
    pair.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return context


# -- how long, how much -------------------------------------------------------------------------
async def test_a_dripping_reply_meets_the_total_deadline(loopback):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drip) as server:
        began = asyncio.get_running_loop().time()
        with pytest.raises(UpstreamTimedOut):
            await http.send(get(server.url, deadlines=Deadlines(total=0.3, between_bytes=5)))
        assert asyncio.get_running_loop().time() - began < 1


async def test_a_silent_reply_meets_the_deadline_between_bytes(loopback):
    async def silent(reader, writer):
        await reader.read()

    async with serving(silent) as server:
        with pytest.raises(UpstreamTimedOut):
            await http.send(get(server.url, deadlines=Deadlines(total=30, between_bytes=0.2)))


@pytest.mark.parametrize("framing", ["Content-Length: 4096", "Transfer-Encoding: chunked"])
async def test_a_reply_over_its_cap_is_an_error_and_never_a_cut(loopback, framing):
    body = b"x" * 4096 if "Length" in framing else b"1000\r\n" + b"x" * 4096 + b"\r\n0\r\n\r\n"
    text = f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + body
    async with serving(saying(text)) as server:
        with pytest.raises(UpstreamUnavailable, match="too large"):
            await http.send(get(server.url, max_bytes=4095))
        assert len((await http.send(get(server.url, max_bytes=4096))).body) == 4096


async def test_encoded_replies_are_refused_and_never_asked_for(loopback):
    packed = zlib.compress(b"x" * 10)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with serving(saying(head.encode() + packed)) as server:
        with pytest.raises(UpstreamUnavailable, match="encoded") as caught:
            await http.send(get(server.url))
        assert caught.value.status == 200
        assert b"Accept-Encoding: identity" in server.heads[0]


# -- what is said -------------------------------------------------------------------------------
async def test_a_reply_has_lower_case_headers_and_its_body(loopback):
    async with serving(OK) as server:
        reply = await http.send(get(server.url))
        assert (reply.status, reply.headers["x-kind"], reply.body) == (200, "Fine", b"ok")


async def test_body_and_headers_arrive_as_given(loopback):
    async def echo(reader, writer):
        size = int(server.heads[-1].lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        received.append(await reader.readexactly(size))
        await OK(reader, writer)

    received: list[bytes] = []
    async with serving(echo) as server:
        for body in (b'{"a":1}', b"x" * (http.LARGE_BODY + 1)):
            await http.send(
                HttpCall(method="POST", url=server.url, headers={"X-Key": "k"}, body=body)
            )
            assert received.pop() == body
        assert b"X-Key: k" in server.heads[0]


async def test_calls_share_kept_connections_but_no_cookies(loopback):
    text = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"
    async with serving(saying(text)) as server:
        for _ in range(5):
            await http.send(get(server.url))
        assert server.connections == 1
        assert not any(b"Cookie" in head for head in server.heads)


async def test_three_hundred_calls_run_side_by_side(loopback):
    async def slow(reader, writer):
        await asyncio.sleep(0.2)
        await OK(reader, writer)

    async with serving(slow) as server:
        replies = await asyncio.gather(*(http.send(get(server.url)) for _ in range(300)))
        assert {reply.status for reply in replies} == {200}
        assert server.connections == 300


# -- streams ------------------------------------------------------------------------------------
async def test_a_stream_yields_chunks_as_they_arrive(loopback):
    told = asyncio.Event()

    async def talk(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await writer.drain()
        await told.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    async with serving(talk) as server, http.open_stream(get(server.url)) as reply:
        assert await anext(reply.chunks) == b"one"
        told.set()
        assert [chunk async for chunk in reply.chunks] == [b"two"]


async def test_leaving_a_stream_early_hangs_up(loopback):
    async def talk(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await reader.readuntil(b"\r\n\r\n")

    async with serving(talk) as server:
        async with http.open_stream(get(server.url)) as reply:
            await anext(reply.chunks)
        async with asyncio.timeout(2):
            await server.hung_up.wait()


async def test_a_stream_cut_short_is_an_error(loopback):
    async def cut(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await writer.drain()
        writer.close()

    async with serving(cut) as server, http.open_stream(get(server.url)) as reply:
        with pytest.raises(UpstreamUnavailable):
            async for _ in reply.chunks:
                pass


async def test_a_dripping_stream_meets_the_total_deadline(loopback):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drip) as server:
        call = get(server.url, deadlines=Deadlines(total=0.3))
        async with http.open_stream(call) as reply:
            with pytest.raises(UpstreamTimedOut):
                async for _ in reply.chunks:
                    pass


# -- what goes wrong ----------------------------------------------------------------------------
async def test_a_refused_connection_is_unavailable(loopback):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UpstreamUnavailable):
        await http.send(get(f"http://127.0.0.1:{port}/"))
    await http.close()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_broken_replies_are_unavailable(loopback, text):
    async def talk(reader, writer):
        writer.write(text)
        await writer.drain()
        writer.close()

    async with serving(talk) as server:
        with pytest.raises(UpstreamUnavailable):
            await http.send(get(server.url))


async def test_an_unknown_name_is_unavailable(loopback, monkeypatch):
    def fail(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(http, "look_up", fail)
    with pytest.raises(UpstreamUnavailable, match=r"nowhere\.example"):
        await http.send(get("http://nowhere.example/"))
    await http.close()


@pytest.mark.parametrize("text", [b"", b"SSH-2.0\r\n\r\n"])
async def test_messages_never_quote_the_url(loopback, text):
    async def talk(reader, writer):
        writer.write(text)
        writer.close()

    async with serving(talk) as server:
        with pytest.raises(UpstreamUnavailable) as caught:
            await http.send(get(f"{server.url}?key=canary"))
        assert "canary" not in str(caught.value)


# -- loops --------------------------------------------------------------------------------------
@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_loop_that_ends_closes_its_session_without_warnings(loopback, new_loop):
    async def closed_between() -> list[int]:
        async with serving(OK) as server:
            first = await http.send(get(server.url))
            await http.close()
            return [first.status, (await http.send(get(server.url))).status]

    async def left_open() -> None:
        server = Server(OK)
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            await http.send(get(f"http://127.0.0.1:{port}/"))
            server.writers[0].transport.abort()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with asyncio.Runner(loop_factory=new_loop) as runner:
            assert runner.run(closed_between()) == [200, 200]
            runner.run(left_open())
            loop = runner.get_loop()
            assert loop in http._sessions
        gc.collect()
    assert loop not in http._sessions
