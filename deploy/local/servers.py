"""The database and the broker of one instance: `start` and `stop`, or `with_servers` while somebody needs it.

Each instance is a home folder with ports of its own, so that several run beside each other. `MONGO_URI` and
`AMQP_URI` in the environment name servers of the user's own, with admin rights: then these are used.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from shutil import rmtree

from deploy.local import layout, mongo, process, rabbit
from deploy.local.config import HOME, TEST_HOME, Ports, given, refuse_taken, taken, write
from shared.core.names import SERVICES

ROLES = frozenset({mongo.ROLE, rabbit.ROLE, rabbit.NAMES})


@dataclass(frozen=True)
class Servers:
    """Running servers, and who may enter them."""

    home: Path
    ports: Ports
    passwords: Mapping[str, str]

    @property
    def mongo_admin_uri(self) -> str:
        """The database for somebody who may do everything."""
        return given("MONGO_URI") or mongo.uri(self.ports.mongo, "admin", self.passwords["admin"])

    @property
    def amqp_admin_uri(self) -> str:
        """The broker for somebody who may do everything."""
        return given("AMQP_URI") or rabbit.uri(self.ports.amqp, "admin", self.passwords["admin"])

    def service_env(self, service: str) -> dict[str, str]:
        """The variables by which one service enters both servers as its own user."""
        user, password = f"nilai_{service}", self.passwords[service]
        return {
            "MONGO_URI": given("MONGO_URI") or mongo.uri(self.ports.mongo, user, password),
            "MONGO_DATABASE": user,
            "AMQP_URI": given("AMQP_URI") or rabbit.uri(self.ports.amqp, user, password),
        }


def start(home: Path = HOME, ports: Ports | None = None) -> Servers:
    """Start what does not run yet, both at once, and return when both can be used; they run until `stop`.

    A start that fails ends what it had started itself. Prefixed exchanges and queues are open to the service
    users in every home but the checkout's own: tests and drills live there.
    """
    servers = _start(home, ports)
    (home / "kept").touch()
    return servers


def stop(home: Path = HOME) -> None:
    """Stop both servers; their data stay."""
    if home.exists():
        with _held(home / "lock", fcntl.LOCK_EX):
            _both([lambda: mongo.stop(home), lambda: rabbit.stop(home)])
            (home / "kept").unlink(missing_ok=True)


@contextmanager
def with_servers(
    home: Path = TEST_HOME, ports: Ports | None = None, keep_data: bool = True
) -> Iterator[Servers]:
    """Servers for as long as somebody holds them: found or started, and stopped by the last who leaves.

    Servers that somebody started by `start` go on. Without `keep_data` the home goes when its servers go.
    """
    with _held(home / "users", fcntl.LOCK_SH) as hold:
        try:
            yield _start(home, ports)
        finally:
            if _alone(hold):
                _leave(home, keep_data)


def _leave(home: Path, keep_data: bool) -> None:
    """Stop servers whose last user leaves, unless somebody started them by `start`."""
    if not (home / "kept").exists():
        stop(home)
        if not keep_data:
            rmtree(home)


def found(home: Path) -> Servers:
    """The servers of an instance as they were started last."""
    return Servers(home, Ports.recorded(home) or Ports.chosen(), _passwords(home))


def stop_unused(under: Path) -> None:
    """Stop servers in this folder that nobody holds any more, such as those of a test run that was killed."""
    for home in [users.parent for users in under.rglob("users")]:
        if process.find(home):
            _stop_if_unused(home)


def _stop_if_unused(home: Path) -> None:
    with _held(home / "users", fcntl.LOCK_SH) as hold:
        if _alone(hold):
            stop(home)


def stop_broker(home: Path) -> None:
    """Stop the broker only, in order."""
    rabbit.stop(home)


def kill_broker(home: Path) -> None:
    """Kill -9 the broker only."""
    rabbit.kill(home)


def start_broker(home: Path) -> Servers:
    """Start the broker again."""
    return _start(home, None)


def kill_database(home: Path) -> None:
    """Kill -9 the database only."""
    mongo.kill(home)


def start_database(home: Path) -> Servers:
    """Start the database again."""
    return _start(home, None)


def _start(home: Path, wanted: Ports | None) -> Servers:
    with _held(home / "lock", fcntl.LOCK_EX):
        layout.require_current(home)
        layout.record(home)
        servers = Servers(home, ports_for(home, wanted), _passwords(home))
        before = set(process.find(home).values())
        _refuse_taken(servers.ports, before)
        try:
            _both(_starters(servers))
        except BaseException:
            for role in ROLES - before:
                process.end(home, role)
            raise
        servers.ports.record(home)
        return servers


def _starters(servers: Servers) -> list[Callable[[], None]]:
    home, ports, passwords = servers.home, servers.ports, servers.passwords
    embedded: list[Callable[[], None]] = []
    if not given("MONGO_URI"):
        embedded.append(lambda: mongo.start(home, ports.mongo, passwords))
    if not given("AMQP_URI"):
        embedded.append(lambda: rabbit.start(home, ports, passwords, any_prefix=home != HOME))
    return embedded


def _refuse_taken(ports: Ports, running: set[str]) -> None:
    """Refuse before anything starts, for whatever would be started."""
    # A node whose epmd died starts one of its own: the port is asked for together with the node's.
    names = {
        mongo.ROLE: ["mongo"],
        rabbit.ROLE: ["amqp", "dist", *(["epmd"] if rabbit.NAMES not in running else [])],
    }
    if given("MONGO_URI"):
        del names[mongo.ROLE]
    if given("AMQP_URI"):
        del names[rabbit.ROLE]
    refuse_taken(ports, *(name for role in names.keys() - running for name in names[role]))


def _both(tasks: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(task) for task in tasks]:
            done.result()


def ports_for(home: Path, wanted: Ports | None) -> Ports:
    """Those of what runs; else those asked for, those used before (elsewhere while still free), or the usual ones."""
    recorded = Ports.recorded(home)
    if recorded and process.find(home):
        return recorded
    if wanted:
        return wanted
    if home == HOME:
        return Ports.chosen(recorded)
    if recorded and not any(taken(port) for port in vars(recorded).values()):
        return recorded
    return Ports.free()


def _passwords(home: Path) -> Mapping[str, str]:
    file = home / "passwords.json"
    if not file.exists():
        write(file, json.dumps({name: token_urlsafe(24) for name in ("admin", *SERVICES)}))
    found: Mapping[str, str] = json.loads(file.read_text())
    return found


@contextmanager
def _held(file: Path, how: int) -> Iterator[int]:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
        yield handle
    finally:
        os.close(handle)


def _alone(hold: int) -> bool:
    """Whether nobody else holds the lock; if so, it is held alone from now on."""
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
