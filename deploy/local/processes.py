"""The whole system of one instance, up or down: servers, keys, databases and queues, all programs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local import layout, mongo, process, rabbit, servers, supervise
from deploy.local.config import (
    CHECKOUT,
    HOME,
    TEST_HOME,
    Ports,
    SetupError,
    given,
    listens,
    longest_pause,
    preparer,
    refuse_taken,
    scratch,
)
from deploy.local.programs import GATEWAY, ISSUER, address, environment, programs
from deploy.local.servers import SUPERVISOR, Servers
from shared.core.names import SERVICES

READY_SECONDS = 180.0
"""A busy machine with two processors needs more than one minute to load all programs."""
OFFICERS = ("ministry", "ministry-2")
"""Whom `nilai token --as` names; two, since nobody approves and publishes the same result."""
_TOO_OFTEN = 3


@dataclass(frozen=True)
class Row:
    """One program that belongs to a running instance: its process (0: none), how often it was started again, how it is.

    Its state is `ready`, `not ready`, `missing`, or `stopped` by a command.
    """

    role: str
    pid: int
    restarts: int
    state: str


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
    if home.exists():
        rmtree(scratch(home), ignore_errors=True)


def status(home: Path = HOME) -> list[Row]:
    """What belongs to the instance, whether it runs or not; nothing when none of it runs."""
    if not process.find(home):
        return []
    found, counted = servers.found(home), supervise.restarts(home)
    ours = [SUPERVISOR, *_servers(home), *(program.role for program in programs(found))]
    heads = {role: process.head(home, role) for role in ours}
    return [Row(role, pid, counted.get(role, 0), _state(found, role, pid)) for role, pid in heads.items()]


def environment_of(service: str, home: Path = HOME) -> dict[str, str]:
    """What a command of a service needs beside its running worker, the broker's admin too; nothing while it is down."""
    env = process.environment_of(home, f"{service}-worker") or process.environment_of(home, f"{service}-web")
    if "AMQP_URI" in env:
        found = servers.found(home)
        ours = env["AMQP_URI"] == found.service_env(service)["AMQP_URI"]
        if ours:
            env["AMQP_ADMIN_URI"] = found.amqp_admin_uri
        if env.get("MONGO_URI") == found.mongo_uri_of(service):
            env["MONGO_ADMIN_URI"] = found.mongo_uri_of(preparer(service))
    return env


def lend_environment(service: str) -> str | None:
    """Give this process what it needs to act on the running instance, unless it names a database itself.

    Gives the reason, in a sentence, when nothing can be lent.
    """
    if given("MONGO_URI") or given("MONGO_URI_FILE"):
        return None
    env = environment_of(service)
    for name, value in env.items():
        os.environ.setdefault(name, value)
    if env:
        return None
    if process.find(HOME, SUPERVISOR):
        return f"The {service} service is just being started: try again in a moment; `make status` says how it is."
    return "Nothing runs: `make up` starts it; or name a database in MONGO_URI."


def ready(ports: Ports, name: str) -> bool:
    """Whether a service, the issuer or the gateway says that it can work."""
    path = "healthz" if name in (ISSUER, GATEWAY) else f"{name}/readyz"
    try:
        with urlopen(f"{address(ports, name)}/{path}", timeout=3) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _make_way(home: Path, wanted: Ports | None) -> Ports:
    """Refuse taken ports, and settings that say nothing, before anything starts; gives the ports."""
    longest_pause()
    _end_strays(home)
    ports = servers.ports_for(home, wanted)
    refuse_taken(ports, GATEWAY, ISSUER, *SERVICES, *(f"{name}_worker" for name in SERVICES))
    return ports


def _start_programs(running: Servers) -> None:
    home = running.home
    _run([sys.executable, "-m", "deploy.cli", "keys", "ensure", "--folder", str(home / "keys")], None)
    with _timed("collections, indexes, queues"), ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _prepare(running, name), SERVICES))
    _grant_officers(running)
    supervise.forget(home)
    process.spawn(home, SUPERVISOR, [sys.executable, "-m", "deploy.local.guard", str(home)])


def _prepare(running: Servers, service: str) -> None:
    env = {**environment(running, service), **running.prepare_env(service)}
    _run([sys.executable, "-m", f"services.{service}", "prepare"], env)


def _grant_officers(running: Servers) -> None:
    """Make the officers, who are confirmed at once in this mode; again changes nothing."""
    issuer = address(running.ports, ISSUER)
    who = [
        "--issuer",
        issuer,
        *(part for name in OFFICERS for part in ("--subject", name)),
        "--role",
        "ministry",
    ]
    _run([sys.executable, "-m", "services.intake", "grant", *who], environment(running, "intake"))


def _run(command: list[str], env: dict[str, str] | None) -> None:
    done = subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise SetupError(f"`{' '.join(['python', *command[1:]])}` failed: {words[-1][:500]}")


def _wait_ready(running: Servers) -> None:
    """Wait until all answer; SetupError names the one that does not, with the last line of its log."""
    waiting, before = [GATEWAY, ISSUER, *SERVICES], supervise.restarts(running.home)
    until = time.monotonic() + READY_SECONDS
    while waiting := [name for name in waiting if not ready(running.ports, name)]:
        counted = supervise.restarts(running.home).items()
        failing = [role for role, count in counted if count - before.get(role, 0) >= _TOO_OFTEN]
        if failing or time.monotonic() > until or not process.find(running.home, SUPERVISOR):
            raise _not_ready(running, failing or waiting)
        time.sleep(0.1)
    if missing := _missing(running):
        raise _not_ready(running, missing)


def _missing(running: Servers) -> list[str]:
    alive = set(process.find(running.home).values())
    return [program.role for program in programs(running) if program.role not in alive]


def _not_ready(running: Servers, names: list[str]) -> SetupError:
    role = names[0] if names[0] in (ISSUER, GATEWAY) or "-" in names[0] else f"{names[0]}-web"
    log = process.log_of(running.home, role)
    return SetupError(f"{role} does not get ready: {process.cause(log)} (log: {log}).")


def _end_strays(home: Path) -> None:
    """End what a supervisor that was killed has left behind."""
    strays = set(process.find(home).values()) - servers.ROLES
    if strays:
        process.end(home, *strays)


def _servers(home: Path) -> list[str]:
    """The roles of the servers that are not the user's own, as the instance was started."""
    env = process.environment_of(home, SUPERVISOR) or os.environ
    own = [mongo.ROLE] if not env.get("MONGO_URI") else []
    return own + ([rabbit.NAMES, rabbit.ROLE] if not env.get("AMQP_URI") else [])


def _state(running: Servers, role: str, pid: int) -> str:
    if servers.is_kept_down(running.home, role):
        return "stopped"
    if not pid:
        return "missing"
    return "ready" if _works(running.ports, role) else "not ready"


def _works(ports: Ports, role: str) -> bool:
    name, _, kind = role.partition("-")
    if kind == "web" or role in (ISSUER, GATEWAY):
        return ready(ports, name)
    port = {mongo.ROLE: "mongo", rabbit.ROLE: "amqp", rabbit.NAMES: "epmd"}.get(role, role.replace("-", "_"))
    return role == SUPERVISOR or listens(getattr(ports, port))


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
