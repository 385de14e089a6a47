"""The whole system of one instance, up or down: servers, keys, databases and queues, all programs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local import layout, process, servers, supervise
from deploy.local.config import CHECKOUT, HOME, TEST_HOME, Ports, SetupError, given, refuse_taken
from deploy.local.programs import ISSUER, address, environment, programs
from deploy.local.servers import Servers
from shared.core.names import SERVICES

SUPERVISOR = "supervisor"
READY_SECONDS = 90.0
FIRST_OFFICER = "ministry"
_TOO_OFTEN = 3


def up(home: Path = HOME, ports: Ports | None = None) -> Servers:
    """Start what does not run yet until all services are ready; a failed start leaves nothing running."""
    layout.require_current(home)
    before = process.find(home)
    try:
        if SUPERVISOR not in before.values():
            ports = _make_way(home, ports)
        with _timed("database and broker"):
            running = servers.start(home, ports)
        if not process.find(home, SUPERVISOR):
            _start_programs(running)
        with _timed("services"):
            _wait_ready(running)
    except BaseException:
        if not before:
            down(home)
        raise
    return running


def down(home: Path = HOME) -> None:
    """Stop everything that runs for this instance; its data stay."""
    process.end(home, SUPERVISOR, grace=supervise.GRACE_SECONDS + 5)
    _end_strays(home)
    servers.stop(home)
    if home == HOME:
        servers.stop_unused(TEST_HOME)
    rmtree(home / "tmp", ignore_errors=True)


def status(home: Path = HOME) -> list[tuple[str, int, int, str]]:
    """Role, process id, restarts and state of each program that runs."""
    ports, counted = Ports.recorded(home) or Ports(), supervise.restarts(home)
    heads: dict[str, int] = {}
    for pid, role in sorted(process.find(home).items()):
        heads.setdefault(role, pid)
    return [(role, pid, counted.get(role, 0), _state(ports, role)) for role, pid in sorted(heads.items())]


def environment_of(service: str, home: Path = HOME) -> dict[str, str]:
    """What a command of a service needs beside its running worker, the broker's admin too; nothing while it is down."""
    env = process.environment_of(home, f"{service}-worker")
    if "AMQP_URI" in env:
        found = servers.found(home)
        ours = env["AMQP_URI"] == found.service_env(service)["AMQP_URI"]
        env["AMQP_ADMIN_URI"] = found.amqp_admin_uri if ours else env["AMQP_URI"]
    return env


def lend_environment(service: str) -> None:
    """Give this process what it needs to act on the running instance, unless it names a database itself."""
    if not (given("MONGO_URI") or given("MONGO_URI_FILE")):
        for name, value in environment_of(service).items():
            os.environ.setdefault(name, value)


def ready(ports: Ports, name: str) -> bool:
    """Whether a service, or the issuer, says that it can work."""
    path = "healthz" if name == ISSUER else f"{name}/readyz"
    try:
        with urlopen(f"{address(ports, name)}/{path}", timeout=3) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _make_way(home: Path, wanted: Ports | None) -> Ports:
    """Refuse taken ports before anything starts; gives the ports."""
    _end_strays(home)
    ports = servers.ports_for(home, wanted)
    refuse_taken(ports, ISSUER, *SERVICES, *(f"{name}_worker" for name in SERVICES))
    return ports


def _start_programs(running: Servers) -> None:
    home = running.home
    (home / "tmp").mkdir(exist_ok=True)
    if not (home / "keys/keys.json").exists():
        _run([sys.executable, "-m", "deploy.cli", "keys", "init", "--folder", str(home / "keys")], None)
    with _timed("collections, indexes, queues"), ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _prepare(running, name), SERVICES))
    _grant_first(running)
    supervise.forget(home)
    process.spawn(home, SUPERVISOR, [sys.executable, "-m", "deploy.local.supervise", home])


def _prepare(running: Servers, service: str) -> None:
    env = {**environment(running, service), "AMQP_ADMIN_URI": running.amqp_admin_uri}
    _run([sys.executable, "-m", f"services.{service}", "prepare"], env)


def _grant_first(running: Servers) -> None:
    """Make the officer whom `nilai token --as ministry` names; again changes nothing."""
    issuer = address(running.ports, ISSUER)
    who = ["--issuer", issuer, "--subject", FIRST_OFFICER, "--role", "ministry"]
    _run([sys.executable, "-m", "services.intake", "grant", *who], environment(running, "intake"))


def _run(command: list[str], env: dict[str, str] | None) -> None:
    done = subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise SetupError(f"`{' '.join(['python', *command[1:]])}` failed: {words[-1][:500]}")


def _wait_ready(running: Servers) -> None:
    """Wait until all answer; SetupError names the one that does not, with the last line of its log."""
    waiting = [ISSUER, *SERVICES]
    until = time.monotonic() + READY_SECONDS
    while waiting := [name for name in waiting if not ready(running.ports, name)]:
        failing = [role for role, count in supervise.restarts(running.home).items() if count >= _TOO_OFTEN]
        if failing or time.monotonic() > until or not process.find(running.home, SUPERVISOR):
            raise _not_ready(running, failing or waiting)
        time.sleep(0.1)
    if missing := _missing(running):
        raise _not_ready(running, missing)


def _missing(running: Servers) -> list[str]:
    alive = set(process.find(running.home).values())
    return [program.role for program in programs(running) if program.role not in alive]


def _not_ready(running: Servers, names: list[str]) -> SetupError:
    role = names[0] if names[0] == ISSUER or "-" in names[0] else f"{names[0]}-web"
    log = process.log_of(running.home, role)
    return SetupError(f"{role} does not get ready: {process.last_line(log)} (log: {log}).")


def _end_strays(home: Path) -> None:
    """End what a supervisor that was killed has left behind."""
    strays = set(process.find(home).values()) - servers.ROLES
    if strays:
        process.end(home, *strays)


def _state(ports: Ports, role: str) -> str:
    name, _, kind = role.partition("-")
    if role != ISSUER and kind != "web":
        return "running"
    return "ready" if ready(ports, name) else "not ready"


@contextmanager
def _timed(words: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"  {words} …", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)
