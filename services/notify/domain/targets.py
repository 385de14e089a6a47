"""Where webhooks may go: to addresses of the public internet, so that no subscriber reaches inside through us.

The list is IANA's special-purpose registries; of IPv6, only what is given out (2000::/3) less what wraps IPv4.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from shared.core.errors import Invalid

MAX_LENGTH = 500

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


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip not in _ALLOCATED:
        return False
    return not any(ip in network for network in _SPECIAL if network.version == ip.version)


def check_url(url: str | None, allow_private: bool) -> None:
    """Invalid unless this is an address that a webhook may be sent to, as far as can be said without asking DNS.

    None, no address at all, passes. With `allow_private`, every address does, by http too: for trying out on one
    machine.
    """
    if url is not None:
        _check_host(_check_parts(url, ("https", "http") if allow_private else ("https",)), allow_private)


def _check_parts(url: str, schemes: tuple[str, ...]) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise _invalid(f"It must be an address like https://example.org/hook, {' or '.join(schemes)} only.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("It may carry no user, password or fragment: the signature proves who sends.")
    return parts.hostname


def _check_host(host: str, allow_private: bool) -> None:
    if not allow_private and _is_address(host) and not is_public(host):
        raise _invalid("It leads to an address that is not on the public internet.")


def _split(url: str) -> SplitResult | None:
    if len(url) > MAX_LENGTH or not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
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
