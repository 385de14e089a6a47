"""Where webhooks may go: to addresses of the public internet, so that no subscriber reaches inside through us.

The list is IANA's special-purpose registries; of IPv6, only what is given out (2000::/3) less what wraps IPv4.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from services.notify.webhooks.names import Resolver
from shared.core.errors import Invalid

LONGEST = 500
PORTS = {"https": 443, "http": 80}
MOST_ADDRESSES = 4

_REFUSED = tuple(
    ipaddress.ip_network(one)
    for one in (
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
_RESOLVER = Resolver()
_GIVEN_OUT = ipaddress.ip_network("2000::/3")


class Refused(Exception):
    """The name leads to an address that webhooks may not reach."""


def public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip not in _GIVEN_OUT:
        return False
    return not any(ip in network for network in _REFUSED if network.version == ip.version)


def check_url(url: str, private: bool) -> None:
    """Invalid unless this is an address that a webhook may be sent to, as far as can be said without asking DNS."""
    schemes = ("https", "http") if private else ("https",)
    parts = _split(url)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise _invalid(f"It must be an address like https://example.org/hook, {' or '.join(schemes)} only.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("It may carry no user, password or fragment: the signature proves who sends.")
    if not private and _is_address(parts.hostname) and not public(parts.hostname):
        raise _invalid("It leads to an address that is not on the public internet.")


def resolve(url: str, private: bool, seconds: float) -> tuple[SplitResult, int, list[str]]:
    """The parts, the port and the checked IP addresses; OSError for an unknown name, Refused unless all may be reached.

    A name server has `seconds` to answer. With `private`, every address may be: for trying out on one machine.
    """
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    addresses = _RESOLVER.addresses(parts.hostname or "", port, seconds)
    if not private and not all(public(one) for one in addresses):
        raise Refused(f"{parts.hostname} leads to an address that is not on the public internet")
    return parts, port, addresses[:MOST_ADDRESSES]


def _split(url: str) -> SplitResult | None:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _invalid(why: str) -> Invalid:
    return Invalid(f"The url cannot be used. {why}", code="bad-url")
