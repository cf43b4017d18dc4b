"""Addresses of pages: how each is spelled, which are the same page, where it is kept. Pure."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote

from yarl import URL

LONGEST: Final = 2000
_SLASHES: Final = re.compile(r"/+$")
_UNSAFE: Final = re.compile(r"[^\w.\-]+")
_MOST_PATH_BYTES: Final = 800  # of 1,024, so that there is room for the ending


@dataclass(frozen=True, slots=True)
class Site:
    """All pages of one host. `www.` in front and the scheme make no difference, a port does."""

    host: str
    port: int | None

    @classmethod
    def of(cls, url: str) -> Self:
        read = URL(url)
        return cls(_bare_host(read), _port(read))

    def holds(self, url: str) -> bool:
        try:
            return Site.of(url) == self
        except ValueError:
            return False


def canonical(url: str) -> str | None:
    """The usual spelling of an address; None for what is no web address or too long.

    Without fragment and usual port, and with one slash at the end where there are several. Queries
    are kept as they are: which of their parts matter is the server's to know.
    """
    try:
        read = URL(url.strip()).with_fragment(None)
        host = (read.raw_host or "").rstrip(".")
        if read.scheme not in {"http", "https"} or not host or read.raw_user or read.raw_password:
            return None
        if host != read.raw_host:
            read = read.with_host(host)
        spelled = str(
            read.with_path(_SLASHES.sub("/", read.raw_path), encoded=True, keep_query=True)
        )
    except ValueError:
        return None
    return spelled if len(spelled) <= LONGEST else None


def digest(url: str) -> str:
    """The same for two addresses of one page: a scheme, `www.` or a slash at the end apart."""
    read = URL(url)
    path = read.raw_path.rstrip("/")
    page = f"{_bare_host(read)}:{_port(read) or ''}{path}?{read.raw_query_string}"
    return hashlib.sha256(page.encode()).hexdigest()


def origin(url: str) -> str:
    """Scheme, host and port, as `https://example.com`."""
    return str(URL(url).origin())


def bucket_path(url: str, suffix: str) -> str:
    """Where a page is kept: a path that reads like its address, and is no other page's.

    An address that ends as its kind of file does is kept as it is; a page without such an ending
    is the index of a folder. Where signs must be left out, or a query told them apart, the page's
    digest is in the name.
    """
    read = URL(url)
    steps = [unquote(step) for step in read.raw_path.strip("/").split("/") if step]
    safe = [_UNSAFE.sub("-", step).strip("-") or "-" for step in steps]
    is_file = bool(safe) and safe[-1].lower().endswith(suffix)
    is_index = is_file and safe[-1].lower().startswith("index.")
    is_plain = safe == steps and not read.raw_query_string and not is_index
    is_plain = is_plain and not {".", ".."} & set(safe)
    stem = "/".join([_host_step(read), *safe])
    if is_plain and len(stem.encode()) <= _MOST_PATH_BYTES and "~" not in stem:
        return stem if is_file else f"{stem}/index{suffix}"
    ending = len(suffix) if is_file else 0
    cut = stem[: len(stem) - ending].encode()[:_MOST_PATH_BYTES].decode(errors="ignore")
    return f"{cut.rstrip('/.')}~{digest(url)[:12]}{suffix}"


def _bare_host(url: URL) -> str:
    return (url.raw_host or "").rstrip(".").lower().removeprefix("www.")


def _port(url: URL) -> int | None:
    """None for the usual one of the scheme."""
    return None if url.is_default_port() else url.explicit_port


def _host_step(url: URL) -> str:
    """An IPv6 address has colons."""
    host = _bare_host(url).replace(":", "-")
    return host if _port(url) is None else f"{host}-{_port(url)}"
