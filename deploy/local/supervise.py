"""The parent of all programs of one instance: starts them, starts again what dies, ends them with itself."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import process, servers
from deploy.local.config import CHECKOUT, write
from deploy.local.programs import Program, programs

GRACE_SECONDS = 20.0
LONGEST_PAUSE = 15.0
WELL_AFTER = 30.0


@dataclass
class Child:
    """A program, its running process, and how often it had to be started again."""

    home: Path
    program: Program
    restarts: int = -1
    pause: float = 0.5
    due: float = 0.0
    since: float = 0.0
    running: "subprocess.Popen[bytes] | None" = None

    def ensure_running(self, now: float) -> bool:
        """Start it when it does not run and is due; True when something changed."""
        if self.running and self.running.poll() is None:
            return False
        if self.running:
            self._on_exit(now, self.running.returncode)
        if now < self.due:
            return False
        self.running, self.since = self._start(), now
        self.restarts += 1
        return True

    def _on_exit(self, now: float, code: int) -> None:
        self.running = None
        well = now - self.since > WELL_AFTER
        self.pause = 0.5 if well else min(2 * self.pause, LONGEST_PAUSE)
        self.due = now + self.pause
        print(f"{self.program.role} ended with {code}; again in {self.pause:.1f} s", flush=True)

    def _start(self) -> "subprocess.Popen[bytes]":
        role, env = self.program.role, self.program.env
        with process.log_of(self.home, role).open("ab") as log:
            return subprocess.Popen(
                self.program.argv,
                env=process.tagged(self.home, role, env),
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def restarts(home: Path) -> Mapping[str, int]:
    """How often each program had to be started again, as the supervisor last wrote it."""
    try:
        counted: Mapping[str, int] = json.loads(_state(home).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return counted


def forget(home: Path) -> None:
    """Begin to count anew."""
    _state(home).unlink(missing_ok=True)


def main(home: Path) -> None:
    """Run all programs until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children = [Child(home, program) for program in programs(servers.found(home))]
    while not stop.wait(0.1):
        now = time.monotonic()
        changed = [child for child in children if child.ensure_running(now)]
        if changed:
            write(_state(home), json.dumps({child.program.role: child.restarts for child in children}))
    _end([child.running for child in children if child.running])


def _end(running: "list[subprocess.Popen[bytes]]") -> None:
    for child in running:
        child.terminate()
    until = time.monotonic() + GRACE_SECONDS
    for child in running:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _state(home: Path) -> Path:
    return home / "restarts.json"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
