"""Two processes that bring each other back: the guard starts a supervisor that was killed again, and a supervisor whose
guard was killed becomes the guard of another one.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

AT_ONCE = 2.0
"""Seconds within which a supervisor that ends of itself could not do its work: starting it again would not help."""
PAUSE = 0.5


class Guard:
    """Keeps one command running until it is told to end, or the command ends well; reaps whatever it inherits."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._child = 0
        self._leaves = False

    def run(self) -> int:
        """The exit code of the command's last process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        while True:
            began = time.monotonic()
            # Nobody but the loop below waits for it.
            self._child = subprocess.Popen(self._command).pid
            if self._leaves:
                self._leave()
            code = self._wait()
            if self._leaves or code == 0 or (code > 0 and time.monotonic() - began < AT_ONCE):
                return code
            print(f"the supervisor ended with {code} and is started again", flush=True)
            time.sleep(PAUSE)

    def _leave(self, *_: object) -> None:
        self._leaves = True
        if self._child:
            os.kill(self._child, signal.SIGTERM)

    def _wait(self) -> int:
        while True:
            pid, status = os.wait()
            if pid == self._child:
                self._child = 0
                return os.waitstatus_to_exitcode(status)


def supervisor(home: str) -> list[str]:
    """What the guard of an instance keeps running."""
    return [sys.executable, "-m", "deploy.local.supervise", home]


def become(home: str) -> NoReturn:
    """Go on as the guard of a supervisor that takes over everything which runs."""
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local.guard", home])  # noqa: S606 - our own


if __name__ == "__main__":
    sys.exit(Guard(supervisor(sys.argv[1])).run())
