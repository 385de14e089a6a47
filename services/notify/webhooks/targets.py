"""The addresses that a url leads to, of which every one is checked before anything is sent."""

from urllib.parse import SplitResult, urlsplit

from services.notify import domain
from services.notify.domain import TargetRules
from services.notify.webhooks.resolver import Resolver
from shared.core.settings import Settings

MAX_ADDRESSES = 4

_RESOLVER = Resolver()


class TargetRefused(Exception):
    """The name leads to an address or a port that webhooks may not reach."""


def rules_of(settings: Settings) -> TargetRules:
    """Where webhooks may go by the settings."""
    return TargetRules(settings.allow_private_targets, settings.target_ports, settings.refused_targets)


def resolve(url: str, rules: TargetRules, seconds: float) -> tuple[SplitResult, int, list[str]]:
    """The parts, the port and the checked IP addresses of a url.

    A name server has `seconds` to answer. Raises OSError for an unknown name, TargetRefused unless the port and all
    its addresses may be reached.
    """
    parts = urlsplit(url)
    port = domain.port_of(parts)
    if not rules.allow_port(port):
        raise TargetRefused(f"port {port} is not allowed here")
    addresses = _RESOLVER.addresses(parts.hostname or "", port, seconds)
    if not all(rules.allow_address(address) for address in addresses):
        raise TargetRefused(f"{parts.hostname} leads to an address that may not be reached from here")
    return parts, port, addresses[:MAX_ADDRESSES]
