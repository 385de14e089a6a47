"""Whom a consumer believes: an event counts only if its producer's own user published it, as its own type."""

from collections.abc import Mapping

from shared.events import Envelope, decode, of_type
from shared.events.envelope import LARGEST_BYTES
from shared.messaging.broker import ReceivedMessage

Users = Mapping[str, str]
"""The broker's user of each service."""


class Refused(Exception):
    """A message that is not believed, and never will be; `rule` says in one word which rule it breaks."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"not believed: {reason}")
        self.rule = rule


def read(message: ReceivedMessage, users: Users) -> Envelope:
    """The event in a message, told by whoever may tell it.

    Raises Refused, before anything of it is parsed where the broker's word is enough, and Unreadable.
    """
    _check_message(message, users)
    envelope = decode(message.body)
    if envelope.type != message.routing_key:
        raise Refused("type", f"it calls itself {envelope.type} and came as {message.routing_key!r}")
    producer = _producer(envelope.type)
    if envelope.source != f"/nilai/{producer}":
        raise Refused("source", f"it says that it comes from {envelope.source!r}, not from {producer}")
    return envelope


def _check_message(message: ReceivedMessage, users: Users) -> None:
    if message.size > LARGEST_BYTES:
        raise Refused("size", f"it has {message.size} bytes, and no event more than {LARGEST_BYTES}")
    if not message.user:
        raise Refused("user", "it does not say which user published it")
    if message.copied_to:
        raise Refused("copy", f"it asked the broker for copies to {message.copied_to}")
    producer = _producer(message.routing_key)
    if producer and message.user != users[producer]:
        raise Refused(
            "user", f"{message.user!r} published {message.routing_key}, which only {users[producer]!r} may"
        )


def _producer(type: str) -> str | None:
    contract = of_type(type)
    return contract.producer if contract else None
