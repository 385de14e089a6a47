"""The parent of all programs of one instance: starts them, starts again what dies, ends them with itself.

The database and the broker run before it and after it; it takes them in hand while it lives. A guard (see there) starts
it again when it is killed; then it takes all that runs in hand.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local import guard, process, rabbit, servers
from deploy.local.config import SetupError, longest_pause, write
from deploy.local.programs import Program, programs, server_programs
from deploy.local.watch import watch_broker

GRACE_SECONDS = 20.0
ORPHAN_SECONDS = 0.5
"""How long what a program leaves behind may go on; then it is killed, so that the next one finds its port free."""
WELL_AFTER = 30.0


class Running(Protocol):
    """A process, as far as it is watched."""

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""


@dataclass(frozen=True)
class Adopted:
    """A process that was started by another one, whose exit code nobody can know."""

    home: Path
    role: str
    pid: int

    def poll(self) -> int | None:
        """-1 when it is gone, or None while it runs."""
        return None if process.lives(self.home, self.role, self.pid) else -1


@dataclass
class Child:
    """A program, its running process, and how often it had to be started again."""

    home: Path
    program: Program
    longest_pause: float
    restarts: int = -1
    pause: float = 0.0
    due: float = 0.0
    since: float = 0.0
    running: Running | None = None

    def adopt(self) -> None:
        """Take the process in hand that plays its role already, if there is one."""
        if pid := process.head(self.home, self.program.role):
            self.running = Adopted(self.home, self.program.role, pid)
            self.restarts = restarts(self.home).get(self.program.role, 0)

    def ensure_running(self, now: float) -> bool:
        """Start it when it does not run and is due; True when something changed."""
        self.note_exit(now)
        if self.running or now < self.due or servers.is_kept_down(self.home, self.program.role):
            return False
        try:
            process.end(self.home, self.program.role, grace=ORPHAN_SECONDS)
            self.running, self.since = self._start(), now
        except (OSError, SetupError) as problem:
            self._wait(now, f"cannot be started: {problem}")
            return False
        self.restarts += 1
        return True

    def note_exit(self, now: float) -> None:
        """See whether it has ended; then it is due at once when it ran well, else after a pause that grows."""
        code = self.running.poll() if self.running else None
        if code is not None:
            self.running = None
            self.pause = 0.0 if now - self.since > WELL_AFTER else self.pause
            self._wait(now, f"ended with {code}")

    def _wait(self, now: float, why: str) -> None:
        """Be due after the pause, and wait longer the next time."""
        _say(f"{self.program.role} {why}; again in {self.pause:.1f} s")
        self.due = now + self.pause
        self.pause = min(max(1.0, 2 * self.pause), self.longest_pause)

    def _start(self) -> "subprocess.Popen[bytes]":
        role, env = self.program.role, self.program.env
        with process.log_of(self.home, role).open("ab") as log:
            return subprocess.Popen(
                self.program.argv,
                env=process.tagged(self.home, role, env),
                cwd=process.folder_of(self.home, role),
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
    """Run all programs until SIGTERM, or until the guard is gone, whose place it takes then."""
    parent, stop = os.getppid(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    found = servers.found(home)
    ours = _children(home, programs(found))
    children = [*_children(home, server_programs(found)), *ours]
    if rabbit.ROLE in {child.program.role for child in children}:
        threading.Thread(target=watch_broker, args=(found, stop), daemon=True).start()
    while not stop.wait(0.1):
        now = time.monotonic()
        if [child for child in children if child.ensure_running(now)]:
            _write(home, children)
        if os.getppid() != parent:
            _say("the guard was killed: this becomes the guard of another supervisor")
            guard.become(str(home))
    process.end(home, *(child.program.role for child in ours), grace=GRACE_SECONDS)


def _children(home: Path, wanted: Iterable[Program]) -> list[Child]:
    children = [Child(home, program, longest_pause()) for program in wanted]
    for child in children:
        child.adopt()
    return children


def _write(home: Path, children: Iterable[Child]) -> None:
    try:
        write(_state(home), json.dumps({child.program.role: child.restarts for child in children}))
    except OSError as problem:  # such as a full disk
        _say(f"restarts are not written down: {problem}")


def _say(words: str) -> None:
    with suppress(OSError):  # a full disk must not end who is to heal what it ended
        print(words, flush=True)


def _state(home: Path) -> Path:
    return home / "restarts.json"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
