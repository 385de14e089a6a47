"""A message as it came, with what the broker vouches for: who published it, and by which key."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from amqp import Message

from shared.events.envelope import LARGEST_BYTES

REBUILD = "rebuild"
EXCERPT_BYTES = 4096
TEXT_LENGTH = 256


class ReceivedMessage(NamedTuple):
    """A message, and who published it.

    `user` is the publisher's user, which the broker compares with its connection; empty where it was not said.
    `copied_to` names the further keys that were asked for by CC or BCC. `rebuild` names the rebuilding of a replica
    that it belongs to. `delivery_count` says how often it was delivered, this time included. `size` is in bytes; of a
    message that is larger than any event `body` is only the beginning, and `digest` the SHA-256 of the whole.
    """

    body: bytes
    size: int
    user: str
    routing_key: str
    copied_to: str = ""
    rebuild: str = ""
    delivery_count: int = 1
    delivery_tag: int = 0
    digest: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the whole message."""
        return self.digest or sha256(self.body).hexdigest()


def received(message: Message) -> ReceivedMessage:
    """A message that came from a service's queue."""
    headers = _headers(message)
    info = message.delivery_info
    copied = {name: headers[name] for name in ("CC", "BCC") if name in headers}
    return _made(message, headers, _text(info["routing_key"]), _text(copied) if copied else "")


def received_dead(message: Message, queue: str) -> ReceivedMessage:
    """A message from a dead-letter queue, as it came into `queue` before."""
    headers = _headers(message)
    deaths = headers.get("x-death")
    deaths = deaths if isinstance(deaths, list) else []
    death = next((one for one in deaths if isinstance(one, dict) and one.get("queue") == queue), {})
    keys = death.get("routing-keys")
    first, *copied = keys if isinstance(keys, list) and keys else [message.delivery_info["routing_key"]]
    return _made(message, headers, _text(first), _text(copied) if copied else "")


def _made(message: Message, headers: Mapping[str, Any], key: str, copied: str) -> ReceivedMessage:
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    fits = len(body) <= LARGEST_BYTES
    return ReceivedMessage(
        body if fits else body[:EXCERPT_BYTES],
        len(body),
        _text(message.properties.get("user_id", "")),
        key,
        copied,
        _text(headers.get(REBUILD, "")),
        _count(headers.get("x-delivery-count")) + 1,
        message.delivery_info["delivery_tag"],
        "" if fits else sha256(body).hexdigest(),
    )


def _headers(message: Message) -> Mapping[str, Any]:
    headers = message.properties.get("application_headers")
    return headers if isinstance(headers, dict) else {}


def _text(value: object) -> str:
    """A value that anybody may have chosen, in a form that can be logged and stored."""
    if isinstance(value, str) and len(value) <= TEXT_LENGTH and value.isascii():
        return value
    return str(value)[:TEXT_LENGTH].encode("utf-8", "backslashreplace").decode()


def _count(value: object) -> int:
    """The broker's own count; on the first delivery the header may be the publisher's."""
    return value if isinstance(value, int) else 0
