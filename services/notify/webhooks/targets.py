"""The addresses that a url leads to, of which every one is checked before anything is sent."""

from urllib.parse import SplitResult, urlsplit

from services.notify import domain
from services.notify.webhooks.resolver import Resolver

PORTS = {"https": 443, "http": 80}
MAX_ADDRESSES = 4

_RESOLVER = Resolver()


class TargetRefused(Exception):
    """The name leads to an address that webhooks may not reach."""


def resolve(url: str, allow_private: bool, seconds: float) -> tuple[SplitResult, int, list[str]]:
    """The parts, the port and the checked IP addresses of a url.

    A name server has `seconds` to answer. With `allow_private`, every address may be reached: for trying out on one
    machine. Raises OSError for an unknown name, TargetRefused unless all its addresses may be reached.
    """
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    addresses = _RESOLVER.addresses(parts.hostname or "", port, seconds)
    if not allow_private and not all(domain.is_public(address) for address in addresses):
        raise TargetRefused(f"{parts.hostname} leads to an address that is not on the public internet")
    return parts, port, addresses[:MAX_ADDRESSES]
