"""One exchange of HTTP/1.1 with a receiver, within a deadline that it cannot stretch."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult

import h11

MAX_INTERIM = 50
"""Interim answers (100 Continue, 103 Early Hints) that are passed over before the one that counts."""
MAX_BODY_BYTES = 4096
EXCERPT_LENGTH = 500
RECEIVED_BYTES = 16 * 1024


class AnswerBroken(Exception):
    """What came back is no complete answer of HTTP."""


@dataclass(frozen=True)
class Answer:
    """What a receiver answered, and how the body began."""

    status: int
    retry_after: str | None
    excerpt: str


class Line:
    """A socket on which everything has to be over by `end` of the monotonic clock; TimeoutError when it is not."""

    def __init__(self, addresses: list[str], port: int, connect_seconds: float, end: float) -> None:
        self._end = end
        self._socket = _reach(addresses, port, connect_seconds)

    def secure(self, host: str) -> None:
        """Shake hands with who has the name's certificate."""
        self._wait()
        self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=host)

    def send(self, data: bytes) -> None:
        """Send everything."""
        rest = memoryview(data)
        while rest:
            self._wait()
            rest = rest[self._socket.send(rest) :]

    def receive(self) -> bytes:
        """What has come; nothing when the other side has ended the connection."""
        self._wait()
        return self._socket.recv(RECEIVED_BYTES)

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def _wait(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


def _reach(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that answers; each has its share of the seconds."""
    share = seconds / len(addresses)
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), share)
    return socket.create_connection((addresses[-1], port), share)


def exchange(line: Line, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST the body; OSError, or AnswerBroken, unless the final answer came with its whole header."""
    http = h11.Connection(h11.CLIENT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close", **headers}
    request = h11.Request(method="POST", target=path, headers=list(told.items()))
    for event in (request, h11.Data(data=body), h11.EndOfMessage()):
        line.send(http.send(event) or b"")
    events = _events(http, line)
    response = _final(events)
    retry_after = dict(response.headers).get(b"retry-after")
    return Answer(
        response.status_code, retry_after.decode("latin-1") if retry_after else None, _excerpt(events)
    )


def _events(http: h11.Connection, line: Line) -> Iterator[h11.Event]:
    """What comes, up to the end of the answer."""
    ended = False
    while True:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as problem:
            why = (
                "the connection ended before the answer was complete"
                if ended
                else f"this is not HTTP: {problem}"
            )
            raise AnswerBroken(why) from None
        if isinstance(event, h11.Event):
            yield event
        elif event is h11.NEED_DATA:
            data = line.receive()
            ended = not data
            http.receive_data(data)
        else:
            return


def _final(events: Iterator[h11.Event]) -> h11.Response:
    for event in islice(events, MAX_INTERIM):
        if isinstance(event, h11.Response):
            return event
    raise AnswerBroken(f"{MAX_INTERIM} interim answers came, and no final one")


def _excerpt(events: Iterator[h11.Event]) -> str:
    """The beginning of what the receiver says; its status counts even if the rest never comes."""
    said = b""
    with suppress(OSError, AnswerBroken):
        for event in events:
            if not isinstance(event, h11.Data) or len(said) >= MAX_BODY_BYTES:
                break
            said += event.data
    return said.decode(errors="replace")[:EXCERPT_LENGTH]
