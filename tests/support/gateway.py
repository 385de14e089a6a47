"""A gateway of one test: the real nginx on a free port, in front of whatever ports the test names."""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from deploy.local import nginx
from deploy.local.config import Ports
from tests.waiting import until


@dataclass(frozen=True)
class Gateway:
    """A running nginx: its port, its folder, its log."""

    port: int
    folder: Path
    log: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def lives(self) -> bool:
        """Whether it answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def connect(self, source: str = "127.0.0.1", buffer: int = 65536) -> socket.socket:
        """A connection to it from this address of the loopback range; `buffer` bytes wait for its reader at most."""
        client = socket.socket()
        client.settimeout(60)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.bind((source, 0))
        client.connect(("127.0.0.1", self.port))
        return client


@contextmanager
def gateway(home: Path, services: Mapping[str, int], **settings: str) -> Iterator[Gateway]:
    """The gateway in front of services on these ports, those not named being away, with more settings."""
    ports = replace(Ports.free(), **services)
    environment = nginx.environment(home, ports) | settings
    log = home / "gateway.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            nginx.START, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    running = Gateway(ports.gateway, home / "gateway", log)
    try:
        until(lambda: running.lives() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield running
    finally:
        process.terminate()
        process.wait(30)
