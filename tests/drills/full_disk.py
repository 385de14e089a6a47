"""A system on a small disk that becomes full and empty again: `python -m tests.drills.full_disk FOLDER SECOND`.

Runs in a mount namespace of its own, since it mounts two small disks; prints what it saw as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local import process, processes
from deploy.local.config import Ports, SetupError
from deploy.local.programs import GATEWAY, ISSUER, address
from deploy.local.servers import Servers
from deploy.local.tokens import fetch
from tests.waiting import PATIENCE

HEALED_SECONDS = 3 * PATIENCE
BYTES = b"\0" * 2**20


@dataclass
class Seen:
    """What callers got while the disk was full, and what was there afterwards."""

    statuses: list[int] = field(default_factory=list)
    longest: float = 0.0
    acknowledged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    killed: int = 0
    refusal: str = ""


class Officer:
    """Sets agencies over the gateway."""

    def __init__(self, running: Servers, seen: Seen) -> None:
        self._base = f"{address(running.ports, GATEWAY)}/intake/api/v1/agencies"
        token = fetch("ministry", address(running.ports, ISSUER))
        self._headers = {"Authorization": f"Bearer {token}"}
        self._seen = seen

    def set(self, name: str) -> int:
        """Set one and note how it went."""
        body = {"name": name, "group": "Kota", "since": "2026-01-01T00:00:00Z"}
        began = time.monotonic()
        answer = requests.put(f"{self._base}/{name}", json=body, headers=self._headers, timeout=60)
        self._seen.longest = max(self._seen.longest, time.monotonic() - began)
        self._seen.statuses.append(answer.status_code)
        if answer.ok:
            self._seen.acknowledged.append(name)
        return answer.status_code

    def find(self, name: str) -> bool:
        """Whether an agency is there."""
        return requests.get(f"{self._base}/{name}", headers=self._headers, timeout=60).ok


def main(folder: Path, second: Path) -> None:
    """Mount, start, fill, heal, look."""
    mount(folder, 900)
    mount(second, 100)
    home, seen = folder / "home", Seen()
    try:
        running = processes.up(home, Ports.free())
        play(running, seen)
    finally:
        processes.down(home)
    try:
        processes.up(second / "home", Ports.free())
    except SetupError as error:
        seen.refusal = str(error)
    sys.stdout.write(json.dumps(vars(seen)))


def play(running: Servers, seen: Seen) -> None:
    """Fill the disk until the database has ended once, make room, and wait until all is well again."""
    home, officer = running.home, Officer(running, seen)
    first = process.head(home, "mongod")
    number = iter(range(10**6))

    def step() -> bool:
        fill(home.parent / "filled")
        checkpoint(running)
        officer.set(f"full-{next(number)}")
        return process.head(home, "mongod") != first

    until(step)
    for _ in range(20):
        fill(home.parent / "filled")
        officer.set(f"full-{next(number)}")
    (home.parent / "filled").unlink()
    until(lambda: officer.set(f"empty-{next(number)}") == 201 and well(running))
    seen.kept = [name for name in seen.acknowledged if officer.find(name)]
    seen.killed = sum(log.read_text().count("SIGBUS") for log in (home / "log").glob("*-web.log"))


def well(running: Servers) -> bool:
    """Whether everything runs, and every event was published and taken."""
    ready = all(row.state == "ready" for row in processes.status(running.home))
    with MongoClient[dict[str, object]](running.mongo_admin_uri) as client:
        told = client["nilai_intake"]["outbox"]
        heard = client["nilai_review"]["inbox"]
        return ready and not told.count_documents({"pending": True}) and heard.count_documents({}) > 0


def checkpoint(running: Servers) -> None:
    """Have the database write down what it has in memory, as it does every minute."""
    with suppress(PyMongoError), MongoClient[dict[str, object]](running.mongo_admin_uri) as client:
        client.admin.command("fsync")


def fill(file: Path) -> None:
    """Take all the room that is left."""
    with suppress(OSError), file.open("ab", buffering=0) as out:
        while out.write(BYTES):
            pass


def mount(folder: Path, megabytes: int) -> None:
    """Put a disk of that size there."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)


def until(condition: Callable[[], object]) -> None:
    """Wait for as long as a busy machine takes to start everything anew."""
    end = time.monotonic() + HEALED_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited {HEALED_SECONDS:g} s in vain")
        time.sleep(0.2)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
