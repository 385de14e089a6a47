"""Where webhooks may go: to addresses of the public internet, so that no subscriber reaches inside through us.

The list is IANA's special-purpose registries; of IPv6, only what is given out (2000::/3) less what wraps IPv4.
"""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from shared.core.errors import Invalid

MAX_LENGTH = 500
PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address

_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's inside behind a public number
        "169.254.0.0/16",  # link-local, the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_ALLOCATED = ipaddress.ip_network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class TargetRules:
    """Where webhooks may go: `private` allows every address, by http too, for trying out on one machine.

    `ports` are the allowed ones; when there are none, https's alone, and any where private addresses are allowed.
    Nothing in the ranges `refused` is reached, whatever else is allowed.
    """

    private: bool = False
    ports: frozenset[int] = frozenset()
    refused: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def schemes(self) -> tuple[str, ...]:
        """How a receiver may be spoken to."""
        return ("https", "http") if self.private else ("https",)

    def allow_port(self, port: int) -> bool:
        """Whether a receiver may listen there."""
        return port in self.ports if self.ports else self.private or port == PORTS["https"]

    def allow_address(self, address: str) -> bool:
        """Whether an IP address may be reached."""
        forms = list(_forms(ipaddress.ip_address(address)))
        if any(form in network for form in forms for network in self.refused):
            return False
        return self.private or is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip not in _ALLOCATED:
        return False
    return not any(ip in network for network in _SPECIAL)


def port_of(parts: SplitResult) -> int:
    """The port that a url leads to."""
    return parts.port or PORTS[parts.scheme]


def check_url(url: str | None, rules: TargetRules) -> None:
    """Invalid unless this is an address that a webhook may be sent to, as far as can be said without asking DNS.

    None, no address at all, passes.
    """
    if url is None:
        return
    parts = _split(url)
    if parts is None or parts.scheme not in rules.schemes or not parts.hostname:
        raise _invalid(
            f"It must be an address like https://example.org/hook, {' or '.join(rules.schemes)} only."
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("It may carry no user, password or fragment: the signature proves who sends.")
    if not rules.allow_port(port_of(parts)):
        raise _invalid(f"Port {port_of(parts)} is not allowed here.")
    address = _literal(parts.hostname)
    if address and not rules.allow_address(address):
        raise _invalid("It leads to an address that may not be reached from here.")


def _split(url: str) -> SplitResult | None:
    if len(url) > MAX_LENGTH or not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _literal(host: str) -> str | None:
    """The IP address that a host is without asking DNS, in all the spellings that a resolver takes; None for a name."""
    host = host.removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _forms(ip: Address) -> Iterator[Address]:
    """The address, and those of IPv4 that it wraps."""
    yield ip
    if isinstance(ip, IPv6Address):
        wrapped = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        yield from (form for form in (ip.ipv4_mapped, ip.sixtofour, wrapped) if form)


def _invalid(why: str) -> Invalid:
    return Invalid(f"The url cannot be used. {why}", code="bad-url")
