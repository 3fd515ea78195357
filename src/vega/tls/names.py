"""By what names and addresses this machine is called in its own network.

The system is asked alone, never the network: nothing is resolved and no packet is sent.
"""

import re
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

import psutil

Address = IPv4Address | IPv6Address

RESOLVER_FILE = Path("/etc/resolv.conf")
#: Where the daemon listens that tells a network who is `NAME.local`.
MDNS_SOCKETS = (Path("/run/avahi-daemon/socket"), Path("/var/run/avahi-daemon/socket"))
#: By which everybody means their own machine.
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))
#: Addresses that nobody owns alone: of homes, of carriers and Tailscale, of IPv6 sites.
PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
)
#: Stands for "anywhere else" when the system is asked which address it would send from; these are
#: for documentation (RFC 5737, RFC 3849), and asking sends nothing.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
#: More are not taken: containers bring many.
MAX_ADDRESSES = 32
MAX_SEARCH_DOMAINS = 3
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Names:
    """What one certificate stands for."""

    hosts: frozenset[str]
    addresses: frozenset[Address]

    @property
    def texts(self) -> frozenset[str]:
        """All of them as they stand in an address of the page."""
        return self.hosts | {str(address) for address in self.addresses}

    def cover(self, other: "Names") -> bool:
        """Whether these hold those too."""
        return self.hosts >= other.hosts and self.addresses >= other.addresses


def machine_names(further: Iterable[str]) -> Names:
    """This machine's names and private addresses, with those further ones of its owner's."""
    hosts = {"localhost", *_own_names()}
    addresses = {*LOOPBACK, *_private_addresses()}
    for name in further:
        address = _as_address(name)
        if address is not None:
            addresses.add(address)
        else:
            hosts.add(name.lower().rstrip("."))
    return Names(frozenset(filter(is_certifiable, hosts)), frozenset(addresses))


def is_certifiable(host: str) -> bool:
    """Whether a certificate, and an authority for that name alone, may hold it.

    Whoever may speak for a name may speak for all names below it, so a name of one label must be
    no top-level domain, now and in future: those are of letters alone.
    """
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    if len(labels) > 1:
        # What ends in a number is an address, or nothing.
        return not labels[-1].isdigit()
    return host == "localhost" or (
        not host.startswith("xn--") and re.search(r"[\d-]", host) is not None and not host.isdigit()
    )


def is_name(text: str) -> bool:
    """Whether a certificate may be asked for that: an address, or a name."""
    return _as_address(text) is not None or is_certifiable(text.lower())


def is_private(address: Address) -> bool:
    """Whether that address is one of a private network."""
    return any(address.version == network.version and address in network for network in PRIVATE)


def names_for_others(names: Iterable[str], preferred: Iterable[str] = ()) -> list[str]:
    """Those of the names by which others may find this machine, the likeliest first.

    The owner's own; then NAME.local where somebody answers for it, since it stays when the address
    changes; then the address that leads out of this machine; then whatever else there is.
    """
    local = f"{_short_name()}.local"
    is_local_told = sys.platform == "darwin" or any(path.exists() for path in MDNS_SOCKETS)
    order = [
        *(name.lower() for name in preferred),
        *([local] if is_local_told else []),
        *(str(address) for address in route_addresses()),
        local,
        *sorted(names),
    ]
    known = set(names) - THIS_MACHINE
    return [name for name in dict.fromkeys(order) if name in known]


def route_addresses() -> list[Address]:
    """From which addresses this machine would send to others, the older protocol first."""
    found = []
    for family, elsewhere in _ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as trial:
                trial.connect((elsewhere, 9))
                found.append(ip_address(trial.getsockname()[0]))
        except OSError:
            # That protocol leads nowhere from here.
            continue
    return found


def _own_names() -> set[str]:
    short, full = _short_name(), socket.gethostname().lower().rstrip(".")
    if short in ("", "localhost"):
        return set()
    return {short, full, f"{short}.local", *(f"{short}.{domain}" for domain in _search_domains())}


def _short_name() -> str:
    return socket.gethostname().lower().partition(".")[0]


def _search_domains() -> list[str]:
    """Under which the machine's network knows it, as its router told the resolver."""
    try:
        lines = RESOLVER_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    found = [line[1:] for line in words if line and line[0] in ("search", "domain")]
    domains = [domain.lower().strip(".") for line in found for domain in line]
    return list(dict.fromkeys(filter(None, domains)))[:MAX_SEARCH_DOMAINS]


def _private_addresses() -> list[Address]:
    try:
        interfaces = psutil.net_if_addrs().values()
    except OSError:
        # The list comes by a kind of socket that a hardened service may not have.
        found = route_addresses()
    else:
        texts = [each.address for interface in interfaces for each in interface]
        found = [address for text in texts if (address := _as_address(text)) is not None]
    # Those that lead out of here first, should there be too many.
    first = {str(address) for address in route_addresses()}
    private = {address for address in found if is_private(address)}
    return sorted(private, key=lambda each: (str(each) not in first, str(each)))[:MAX_ADDRESSES]


def _as_address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        # A name, a hardware address, or one with a zone, which no link can hold.
        return None
