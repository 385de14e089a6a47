"""The evidence of intake in processes of its own, to be spoken to over HTTP, and to be killed."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import requests

from shared.core.settings import Settings
from tests.intake.tus import BYTES, TUS
from tests.serving import Server, serving

__all__ = ["Person", "Server", "Slow", "running"]


@contextmanager
def running(settings: Settings, silence: float = 60.0, pace: float = 60.0) -> Iterator[Server]:
    """A server on the settings' database: how long clients may be silent, and may take for 120 kB, in seconds."""
    patience = {"SILENCE_SECONDS": str(silence), "PACE_SECONDS": str(pace)}
    with serving("tests.intake.evidence_app:create_app()", settings, **patience) as server:
        yield server


class Slow:
    """A PATCH whose bytes are sent when the test says so."""

    def __init__(
        self, server: Server, token: str, place: str, offset: int, length: int, more: Mapping[str, str]
    ) -> None:
        headers = {
            **BYTES,
            "Host": "test",
            "Authorization": f"Bearer {token}",
            "Upload-Offset": str(offset),
            "Content-Length": str(length),
            **more,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.send(f"PATCH {place} HTTP/1.1\r\n{head}\r\n".encode())

    def send(self, data: bytes) -> None:
        """Send some bytes."""
        self.socket.sendall(data)

    def send_unless_refused(self, data: bytes) -> None:
        """Send some bytes to a server that may answer, and close, before it has read them all."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send(data)

    def status(self) -> int:
        """The status of the answer."""
        return int(self.socket.recv(4096).split()[1])

    def break_off(self) -> None:
        """Go away."""
        self.socket.close()


@dataclass
class Person:
    """Somebody with a token who speaks tus to any server, over HTTP."""

    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What every request of this person carries."""
        return {**TUS, "Authorization": f"Bearer {self.token}"}

    def offset(self, server: Server, place: str) -> int:
        """How far an upload is."""
        answer = requests.head(server.url + place, headers=self.headers, timeout=30)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def patch(self, server: Server, place: str, offset: int, data: bytes) -> requests.Response:
        """Send bytes."""
        headers = {**BYTES, **self.headers, "Upload-Offset": str(offset)}
        return requests.patch(server.url + place, headers=headers, data=data, timeout=60)
