"""Which network addresses we may reach on somebody's behalf: a pure decision that looks nothing up.

`common.http` asks it of every literal address and of every answer of the resolver. The tables are
IANA's special-purpose registries, written out, so that the verdict does not hang on what this
version of Python happens to know.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443})

SPECIAL_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
GLOBAL_IPV6 = IPv6Network("2000::/3")  # all other space is special, NAT64 and IPv4-mapped too
SPECIAL_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarking, ORCHID and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

# Where clouds hand out credentials. No operator's list opens these.
METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)

NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator allows: public addresses on the web's ports, and `allowed` on any port."""

    allowed: tuple[Network, ...] = ()

    def refusal(self, address: Address, port: int) -> str | None:
        """Why `address` may not be reached at `port`, or None if it may."""
        if address in METADATA or embedded_ipv4(address) in METADATA:
            return "the address belongs to cloud metadata"
        if any(address in network for network in self.allowed):
            return None
        if not is_public(address):
            return "the address is not public"
        if port not in WEB_PORTS:
            return f"port {port} is not allowed"
        return None


def parse_policy(networks: Iterable[str]) -> Policy:
    """Read CIDRs such as `10.1.0.0/16`; raises ValueError for anything else."""
    return Policy(tuple(ip_network(text) for text in networks))


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    if address.scope_id or address not in GLOBAL_IPV6:
        return False
    return not any(address in network for network in SPECIAL_IPV6)


def embedded_ipv4(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, in any of the transition schemes."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def literal_address(host: str) -> Address | None:
    """The address that `host` spells, or None for a name.

    Raises ValueError for what only looks like a name: `127.1`, `0x7f000001`, `2130706433`,
    `0177.0.0.1`. C libraries read these as addresses, and no real domain ends in a number.
    """
    try:
        return ip_address(host)
    except ValueError:
        if NUMBER.match(host.rstrip(".").rpartition(".")[2]) or ":" in host:
            raise ValueError(f"'{host}' is not a canonical address") from None
        return None
