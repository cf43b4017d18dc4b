"""Which addresses are public: the registries' ranges at their edges, and what is hidden in IPv6."""

from ipaddress import ip_address

import pytest

from common.addresses import (
    METADATA,
    Policy,
    embedded_ipv4,
    is_public,
    literal_address,
    parse_policy,
)

EVERYTHING = parse_policy(["0.0.0.0/0", "::/0"])


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::",
        "2606:4700::1111",
        "2a00:1450:4001::1",
    ],
)
def test_public_addresses_are_public(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.0",
        "127.255.255.255",
        "169.254.0.1",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.0",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2606:4700::1111%eth0",
    ],
)
def test_special_addresses_are_not(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("::1.2.3.4", "1.2.3.4"),
        ("64:ff9b::1.2.3.4", "1.2.3.4"),
        ("2002:102:304::", "1.2.3.4"),
        ("2001:0:5:6:7:8:fefd:fcfb", "1.2.3.4"),
    ],
)
def test_the_ipv4_address_inside_an_ipv6_one_is_found(text, hidden):
    assert embedded_ipv4(ip_address(text)) == ip_address(hidden)


@pytest.mark.parametrize("address", sorted(METADATA, key=str))
def test_metadata_is_refused_whatever_is_allowed(address):
    assert EVERYTHING.refusal(address, 80) == "the address belongs to cloud metadata"


@pytest.mark.parametrize(
    "text", ["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1"]
)
def test_metadata_in_disguise_is_refused_whatever_is_allowed(text):
    assert EVERYTHING.refusal(ip_address(text), 80) == "the address belongs to cloud metadata"


def test_public_addresses_are_for_the_webs_ports_and_allowed_ones_for_any():
    policy = parse_policy(["10.1.0.0/16", "203.0.113.7/32"])
    assert policy.refusal(ip_address("1.1.1.1"), 443) is None
    assert policy.refusal(ip_address("1.1.1.1"), 8443) == "port 8443 is not allowed"
    assert policy.refusal(ip_address("10.1.2.3"), 8443) is None
    assert policy.refusal(ip_address("203.0.113.7"), 8443) is None
    assert policy.refusal(ip_address("10.2.0.1"), 443) == "the address is not public"
    assert policy.refusal(ip_address("::ffff:10.1.2.3"), 443) == "the address is not public"
    assert Policy().refusal(ip_address("10.1.2.3"), 443) == "the address is not public"


def test_a_list_that_is_no_list_of_networks_is_refused():
    with pytest.raises(ValueError, match="does not appear to be"):
        parse_policy(["everything"])


@pytest.mark.parametrize("name", ["api.example", "1.example", "x1", "a.b.c0", "0x.example"])
def test_names_are_no_addresses(name):
    assert literal_address(name) is None


@pytest.mark.parametrize(
    "text",
    ["0", "127.1", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "1.2.3.4.", "a.0x1", "a.1"],
)
def test_names_that_end_in_a_number_are_neither(text):
    with pytest.raises(ValueError, match="not a canonical address"):
        literal_address(text)
