"""Who presses Ctrl-C gets a prompt back, without a traceback, and nothing half started stays."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local import process
from deploy.local.config import CHECKOUT, HOME
from tests.waiting import until


def interrupted(command: "subprocess.Popen[str]") -> str:
    """What it says when Ctrl-C is pressed: the terminal tells its whole group."""
    os.killpg(command.pid, signal.SIGINT)
    out, _ = command.communicate(timeout=60)
    assert command.returncode != 0
    return out


def started(*arguments: str) -> "subprocess.Popen[str]":
    line = [sys.executable, "-m", *arguments]
    return subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=CHECKOUT,
        start_new_session=True,
    )


def test_a_start_that_is_interrupted_leaves_nothing_running_and_shows_no_traceback(tmp_path: Path) -> None:
    with started("deploy.local", "servers", "start", "--home", str(tmp_path)) as command:
        until(lambda: process.find(tmp_path, "mongod"))
        said = interrupted(command)
    assert "Traceback" not in said
    assert "Aborted!" in said
    assert process.find(tmp_path) == {}


def test_a_setup_that_is_interrupted_shows_no_traceback() -> None:
    with (HOME / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with started("deploy.local.setup") as command:
            until(lambda: waits_for(command.pid))
            said = interrupted(command)
    assert said == "make setup: interrupted; what is done stays done.\n"


def waits_for(pid: int) -> bool:
    """Whether the process waits for a lock."""
    return f" {pid} " in "".join(
        line for line in Path("/proc/locks").read_text().splitlines() if "->" in line
    )
