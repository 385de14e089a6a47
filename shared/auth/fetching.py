"""Small JSON documents from addresses that are trusted, within a time that no answer can stretch."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

SILENCE_SECONDS = 3.0
LIMIT_BYTES = 1_000_000


def get_json(url: str, limit_seconds: float) -> Mapping[str, Any]:
    """The JSON object at an http address, that ends `limit_seconds` after the connection stands.

    Raises OSError, HTTPException, ValueError or RecursionError.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an http address")
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310  # http or https, see above
    with build_opener(_Limited(limit_seconds)).open(request, timeout=SILENCE_SECONDS) as answer:
        value = json.loads(answer.read(LIMIT_BYTES))
    if not isinstance(value, dict):
        raise ValueError(f"{url} did not answer with a JSON object")
    return value


class _Limited(HTTPHandler, HTTPSHandler):
    """Opens connections that end some seconds after they stand: a timeout bounds each silence only."""

    def __init__(self, limit_seconds: float) -> None:
        super().__init__()
        self.limit_seconds = limit_seconds

    def http_open(self, request: Request) -> HTTPResponse:
        """Open over a plain connection."""
        return self.do_open(_limited(HTTPConnection, self.limit_seconds), request)

    def https_open(self, request: Request) -> HTTPResponse:
        """Open over TLS, whose handshake the timeout bounds as a whole."""
        return self.do_open(_limited(HTTPSConnection, self.limit_seconds), request)


def _limited(kind: type[HTTPConnection], limit_seconds: float) -> type[HTTPConnection]:
    class LimitedConnection(kind):  # type: ignore[valid-type, misc]  # a class by its name
        def connect(self) -> None:
            super().connect()
            timer = Timer(limit_seconds, _shut_down, [self.sock])
            timer.daemon = True
            timer.start()

    return LimitedConnection


def _shut_down(line: socket.socket) -> None:
    with suppress(OSError):  # closed long ago, as it should be
        socket.socket.shutdown(line, socket.SHUT_RDWR)
