"""A gunicorn with one worker of eight threads, to be spoken to over a socket, and to be killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from shared.cli.service import LIMITS
from shared.core.settings import Settings
from tests.waiting import until

CHECKOUT = Path(__file__).parents[1]


@dataclass
class Server:
    """One gunicorn."""

    process: "subprocess.Popen[bytes]"
    port: int
    service: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker(self) -> int:
        """The process that answers the requests."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def lives(self) -> bool:
        """Whether it answers."""
        try:
            return requests.get(f"{self.url}/{self.service}/healthz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            assert self.process.poll() is None, "the server did not start"
            return False

    def kill(self) -> None:
        """Kill -9 all of it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(app: str, settings: Settings, **more: str) -> Iterator[Server]:
    """A server of an application, such as "package.module:create_app()", with these settings and variables."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = [f"--bind=127.0.0.1:{port}", "--worker-class=gthread", "--workers=1", "--threads=8", *LIMITS]
    quiet = ["--no-control-socket", "--log-level=warning"]
    environment = {
        "PATH": os.environ["PATH"],
        "NILAI_MODE": "test",
        "MONGO_URI": settings.mongo_uri,
        "MONGO_DATABASE": settings.mongo_database,
        "NILAI_KEYS": str(settings.keys),
        "OIDC_ISSUER": settings.oidc_issuer,
        "WEB_THREADS": "8",
        **more,
    }
    command = [sys.executable, "-m", "gunicorn", app, *options, *quiet]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, start_new_session=True)
    server = Server(process, port, settings.service)
    try:
        until(server.lives)
        yield server
    finally:
        if process.poll() is None:
            server.kill()
