"""Small JSON documents from addresses that are trusted, within a time that no answer can stretch."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

SILENCE_SECONDS = 3.0
LIMIT_BYTES = 1_000_000


def get_json(url: str, limit_seconds: float, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """The JSON object at an http address, that ends `limit_seconds` after the connection stands.

    What is sent with `headers` follows no redirect. Raises OSError, HTTPException, ValueError or RecursionError.
    """
    request = _request(url, None, headers or {})
    opener = build_opener(_Limited(limit_seconds), *([_Straight()] if headers else []))
    return _object(opener, request)[1]


def post_form(
    url: str, form: Mapping[str, str], headers: Mapping[str, str], limit_seconds: float
) -> tuple[int, Mapping[str, Any]]:
    """The status and the JSON object with which an http address answers a form, good or bad; no redirect is followed.

    Raises OSError, HTTPException, ValueError or RecursionError.
    """
    request = _request(url, urlencode(form).encode(), headers)
    return _object(build_opener(_Limited(limit_seconds), _Straight()), request)


def _request(url: str, body: bytes | None, headers: Mapping[str, str]) -> Request:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an http address")
    return Request(url, body, {"Accept": "application/json", **headers})  # noqa: S310  # http or https, see above


def _object(opener: OpenerDirector, request: Request) -> tuple[int, Mapping[str, Any]]:
    try:
        answer = opener.open(request, timeout=SILENCE_SECONDS)
    except HTTPError as refused:
        if request.data is None:
            raise
        answer = refused
    with answer:
        value = json.loads(answer.read(LIMIT_BYTES))
    if not isinstance(value, dict):
        raise ValueError(f"{request.full_url} did not answer with a JSON object")
    return answer.status, value


class _Straight(HTTPRedirectHandler):
    """Leaves every redirect an error: what is sent is for one address only."""

    def redirect_request(self, *_: Any) -> None:
        """Go nowhere."""


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
