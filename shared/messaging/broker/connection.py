"""Connections to RabbitMQ: opened, kept alive, thrown away, and what they raise."""

import ssl
import time
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from amqp import serialization
from amqp.basic_message import Message
from amqp.exceptions import AMQPError, ChannelError
from kombu import Connection
from kombu.exceptions import KombuError

from shared.core import telemetry

HEARTBEAT_SECONDS = 15
CHECKS_PER_HEARTBEAT = 5
_FILES = {"ca_certs": "cacertfile", "certfile": "certfile", "keyfile": "keyfile"}
ERRORS: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
"""What a broker that is away, or goes away in the middle, may raise."""
REFUSALS: tuple[type[Exception], ...] = (ChannelError,)
"""What a broker that is there raises for something that it does not allow or does not have."""

log = telemetry.logger(__name__)


def _lenient(read: Any) -> Any:
    """Take a message whose properties cannot be read as one that has none, instead of ending the connection.

    The broker passes on what it was given, such as a date in the year 10^11: whoever may publish could otherwise
    end every consumer that receives it, again and again.
    """

    def properties(buffer: Any, offset: int) -> tuple[dict[str, Any], int]:
        try:
            found: tuple[dict[str, Any], int] = read(buffer, offset)
        except Exception as problem:
            log.warning("a message's properties cannot be read", extra={"problem": repr(problem)})
            return {}, offset
        return found

    return properties


serialization.PROPERTY_CLASSES[Message.CLASS_ID] = _lenient(serialization.PROPERTY_CLASSES[Message.CLASS_ID])


def connect(uri: str) -> Connection:
    """A connection that notices a dead broker within half a minute; opened at first use.

    `amqps://` checks the broker's certificate: against the system's authorities, or those of `?cacertfile=` in the
    address; `certfile` and `keyfile` are its own (RabbitMQ's URI query parameters).
    """
    return Connection(
        uri.partition("?")[0],
        ssl=_tls(uri),
        heartbeat=HEARTBEAT_SECONDS,
        connect_timeout=5,
        transport_options={
            "confirm_publish": False,
            "read_timeout": 30,
            "write_timeout": 30,
            "login_method": "PLAIN",
        },
    )


def _tls(uri: str) -> dict[str, Any] | bool:
    """What amqp needs to check whom it reaches, by certificate and name; False for a plain address."""
    parts = urlsplit(uri)
    if parts.scheme != "amqps":
        return False
    options = dict(parse_qsl(parts.query))
    checks = options.get("verify") != "verify_none"
    files = {name: options.get(key) for name, key in _FILES.items() if options.get(key)}
    return {
        "cert_reqs": ssl.CERT_REQUIRED if checks else ssl.CERT_NONE,
        "server_hostname": options.get("server_name_indication") or parts.hostname,
        **files,
    }


def discard(connection: Connection) -> None:
    """Drop a connection at once, whatever state it is in."""
    try:
        connection.collect(socket_timeout=0.1)
    except Exception as problem:
        log.debug("a broken connection did not close cleanly", extra={"problem": repr(problem)})


class Heartbeat:
    """Keeps a connection alive that nothing is read from or written to for a while."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._checked = time.monotonic()

    def check(self) -> None:
        """Send what is due and take in what came; an AMQP error when the broker fell silent."""
        if time.monotonic() - self._checked > HEARTBEAT_SECONDS / CHECKS_PER_HEARTBEAT:
            self._checked = time.monotonic()
            # What is not read counts as silence, and would end a healthy connection.
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
            self._connection.heartbeat_check()
