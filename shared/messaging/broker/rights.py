"""What each service may do at the broker, as the contracts say; no service may change anything there."""

from collections.abc import Iterable
from dataclasses import dataclass
from re import escape

from shared.events import contracts
from shared.messaging.broker.topology import dead_letter_queue, exchange, queue, replay_exchange


@dataclass(frozen=True)
class Rights:
    """Regular expressions: what a service may write to and read from, and which routing keys at which exchange."""

    write: str
    read: str
    types: str
    exchanges: tuple[str, ...]


def rights(prefix: str, service: str, any_prefix: bool = False) -> Rights:
    """A service publishes its own types, anew to those who consume them, and reads its own queues.

    `any_prefix` opens what is called so behind any prefix, for tests; the routing keys are limited at `prefix` only.
    """
    exchanges = (exchange(prefix).name, *(replay_exchange(prefix, one).name for one in consumers_of(service)))
    queues = (queue(prefix, service).name, dead_letter_queue(prefix, service).name)
    types = (contract.type for contract in contracts() if contract.producer == service)
    before = ".*" if any_prefix else ""
    return Rights(_any(exchanges, before), _any(queues, before), _any(types), exchanges)


def consumers_of(producer: str) -> list[str]:
    """Who consumes anything that this service publishes."""
    return sorted({name for one in contracts() if one.producer == producer for name in one.consumers})


def _any(names: Iterable[str], before: str = "") -> str:
    return f"^{before}({'|'.join(escape(name) for name in names)})$"
