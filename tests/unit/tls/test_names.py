"""By what names a machine goes, and which of them a certificate may hold."""

import socket
from ipaddress import ip_address
from pathlib import Path

import psutil
import pytest

from vega.tls import names
from vega.tls.names import is_certifiable, is_name, machine_names, names_for_others


@pytest.fixture(autouse=True)
def _some_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 192.168.1.1\nsearch fritz.box example.com\n")
    monkeypatch.setattr(names, "RESOLVER_FILE", resolver)
    monkeypatch.setattr(names, "MDNS_SOCKETS", (tmp_path / "none",))
    monkeypatch.setattr(socket, "gethostname", lambda: "Ana-PC")
    monkeypatch.setattr(names, "route_addresses", lambda: [ip_address("192.168.1.20")])
    addresses = {
        "lo": ["127.0.0.1", "::1"],
        "eth0": ["192.168.1.20", "203.0.113.9", "fe80::1%eth0", "02:42:ac:11:00:02"],
        "tailscale0": ["100.101.102.103", "fd7a:115c:a1e0::1"],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: _interfaces(addresses))


def test_a_machine_goes_by_its_name_in_its_networks() -> None:
    assert machine_names([]).hosts == {
        *("localhost", "ana-pc", "ana-pc.local", "ana-pc.fritz.box", "ana-pc.example.com")
    }


def test_its_addresses_are_the_private_ones() -> None:
    assert {str(each) for each in machine_names([]).addresses} == {
        *("127.0.0.1", "::1", "192.168.1.20", "100.101.102.103", "fd7a:115c:a1e0::1")
    }


def test_the_owners_names_and_addresses_come_along() -> None:
    found = machine_names(["Vega.Example.org", "203.0.113.9"])

    assert "vega.example.org" in found.hosts
    assert ip_address("203.0.113.9") in found.addresses


def test_a_service_that_may_not_list_interfaces_knows_the_address_that_leads_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(psutil, "net_if_addrs", refuse)

    assert ip_address("192.168.1.20") in machine_names([]).addresses


@pytest.mark.parametrize(
    "name", ["localhost", "vega.local", "pi4", "ana-pc", "a.b.example.com", "xn--bcher-kva.example"]
)
def test_a_certificate_may_hold(name: str) -> None:
    assert is_certifiable(name)


@pytest.mark.parametrize(
    "name",
    # Whoever may speak for one of the first may speak for a whole domain of the internet.
    [
        *("dev", "com", "box", "raspberrypi", "xn--p1ai", "", "a..b", "-a.local", "a_b.local"),
        *("*.example.com", "vega.local.", "1234", "10.0.0.256", "x" * 64 + ".local", "a/b.local"),
    ],
)
def test_a_certificate_may_not_hold(name: str) -> None:
    assert not is_certifiable(name)


def test_an_address_may_be_asked_for() -> None:
    assert is_name("192.168.1.20")
    assert is_name("fd00::1")
    assert not is_name("com")


def test_a_phone_is_given_the_owners_name_first() -> None:
    known = machine_names(["vega.example.org"]).texts

    assert names_for_others(known, ["vega.example.org"])[0] == "vega.example.org"


def test_a_phone_is_given_the_local_name_where_somebody_answers_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(names, "MDNS_SOCKETS", (tmp_path,))

    assert names_for_others(machine_names([]).texts)[0] == "ana-pc.local"


def test_a_phone_is_else_given_the_address_that_leads_out() -> None:
    found = names_for_others(machine_names([]).texts)

    assert found[:2] == ["192.168.1.20", "ana-pc.local"]
    assert "100.101.102.103" in found
    assert not {"localhost", "127.0.0.1", "::1"} & set(found)


def _interfaces(addresses: dict[str, list[str]]) -> dict[str, list[object]]:
    return {name: [_Interface(text) for text in texts] for name, texts in addresses.items()}


class _Interface:
    def __init__(self, address: str) -> None:
        self.address = address
