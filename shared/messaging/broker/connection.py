"""Connections to RabbitMQ: opened, kept alive, thrown away, and what they raise."""

import time
from contextlib import suppress

from amqp.exceptions import AMQPError, ChannelError
from kombu import Connection
from kombu.exceptions import KombuError

from shared.core import telemetry

HEARTBEAT_SECONDS = 15
CHECKS_PER_HEARTBEAT = 5
ERRORS: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
"""What a broker that is away, or goes away in the middle, may raise."""
REFUSALS: tuple[type[Exception], ...] = (ChannelError,)
"""What a broker that is there raises for something that it does not allow or does not have."""

log = telemetry.logger(__name__)


def connect(uri: str) -> Connection:
    """A connection that notices a dead broker within half a minute; opened at first use."""
    return Connection(
        uri,
        heartbeat=HEARTBEAT_SECONDS,
        connect_timeout=5,
        transport_options={
            "confirm_publish": False,
            "read_timeout": 30,
            "write_timeout": 30,
            "login_method": "PLAIN",
        },
    )


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
