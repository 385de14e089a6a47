"""Whatever dies is started again, database and broker too, and who asks meanwhile is not left hanging."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from deploy.demo.world import Addresses
from deploy.local import process, processes, servers
from deploy.local.config import CHECKOUT
from tests.waiting import until

System = tuple[Path, Addresses]
BOUND = 3.0
"""Seconds after which nothing of a killed master holds its port; a start takes what a busy machine gives it."""


def all_ready(home: Path) -> bool:
    return all(row.state == "ready" for row in processes.status(home))


@pytest.mark.parametrize("role", sorted(servers.ROLES))
def test_a_server_that_is_killed_comes_back_by_itself(system: System, role: str) -> None:
    home, _ = system
    before = process.find(home, role)
    for pid in before:
        # Its children may end with it before their turn comes.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: process.find(home, role).keys() - before.keys() and all_ready(home))


def test_what_a_killed_master_leaves_behind_holds_its_port_no_longer_though_a_client_keeps_a_connection(
    system: System,
) -> None:
    home, _ = system
    port = servers.found(home).ports.intake
    until(lambda: all_ready(home))
    kept = HTTPConnection("127.0.0.1", port, timeout=60)
    kept.request("GET", "/intake/healthz")
    answer = kept.getresponse()
    assert answer.read()
    assert not answer.will_close
    master = process.head(home, "intake-web")
    orphans = process.find(home, "intake-web").keys() - {master}
    assert orphans
    os.kill(master, signal.SIGKILL)
    killed = time.monotonic()
    # Its bound is looked at while it lasts: what ends late fails here, however long one look takes.
    while left := [pid for pid in orphans if process.lives(home, "intake-web", pid)]:
        assert time.monotonic() - killed < BOUND, left
    until(lambda: _answers(port))
    kept.close()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            line.settimeout(1)
            line.sendall(b"GET /intake/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return line.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def test_status_names_what_is_missing_and_a_broker_that_was_stopped_stays_down(system: System) -> None:
    home, _ = system
    until(lambda: all_ready(home))
    try:
        done = nilai(home, "servers", "stop-broker")
        assert (done.returncode, done.stderr) == (0, "")
        until(lambda: state_of(home, "scoring-worker") == "ready")
        done = nilai(home, "status")
        assert done.returncode == 1
        assert "rabbitmq (stopped)" in done.stderr
        assert "nilai servers start-broker" in done.stderr
    finally:
        assert nilai(home, "servers", "start-broker").returncode == 0
    until(lambda: all_ready(home))
    assert nilai(home, "status").returncode == 0


def test_guard_and_supervisor_bring_each_other_back_and_what_dies_meanwhile(system: System) -> None:
    home, _ = system
    programs = {role: process.head(home, role) for role in ("intake-web", "review-worker", *servers.ROLES)}
    for choose in (process.head, _supervisor):
        until(lambda: len(process.find(home, "supervisor")) == 2)
        killed = choose(home, "supervisor")
        os.kill(killed, signal.SIGKILL)
        os.kill(process.head(home, "notify-worker"), signal.SIGKILL)
        until(partial(_are_two_without, home, killed))
        until(lambda: all_ready(home))
    assert {role: process.head(home, role) for role in programs} == programs


def _are_two_without(home: Path, killed: int) -> bool:
    there = process.find(home, "supervisor").keys()
    return len(there) == 2 and killed not in there


def _supervisor(home: Path, role: str) -> int:
    """The one that the guard started."""
    (pid,) = process.find(home, role).keys() - {process.head(home, role)}
    return pid


def test_without_guard_and_supervisor_an_instance_says_so(system: System) -> None:
    home, _ = system
    process.kill(home, "supervisor")
    assert state_of(home, "supervisor") == "missing"
    assert "supervisor (missing): `make up` starts what is missing" in nilai(home, "status").stderr
    assert nilai(home, "up").returncode == 0
    assert all_ready(home)


def state_of(home: Path, role: str) -> str:
    return next(row.state for row in processes.status(home) if row.role == role)


def nilai(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "deploy.local", *arguments, "--home", str(home)]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=CHECKOUT)
