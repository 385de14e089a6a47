"""The database and the broker of one instance: `start` and `stop`, or `with_servers` while somebody needs it.

Each instance is a home folder with ports of its own, so that several run beside each other. `MONGO_URI` and
`AMQP_URI` in the environment name servers of the user's own, with admin rights: then these are used.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit, urlunsplit

from deploy.local import layout, mongo, process, rabbit, space
from deploy.local.config import (
    HOME,
    TEST_HOME,
    Ports,
    given,
    preparer,
    refuse_taken,
    taken,
    user,
)
from deploy.local.passwords import passwords_of
from shared.core.names import SERVICES
from shared.messaging import broker

ROLES = frozenset({mongo.ROLE, rabbit.ROLE, rabbit.NAMES})
SUPERVISOR = "supervisor"
AT_WORK_MB = 250
"""Below 200 MB the broker takes no events."""
FIRST_START_MB = 350
"""What an empty database takes."""


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

    @property
    def amqp_management_url(self) -> str:
        """Where a broker of the user's own can be asked to make users; empty where none is needed, or none answers."""
        if not (uri := given("AMQP_URI")):
            return ""
        api = broker.Management.of(given("AMQP_MANAGEMENT_URL") or "", uri)
        return api.url if given("AMQP_MANAGEMENT_URL") or api.answers() else ""

    def _amqp_uri(self, user: str, password: str) -> str:
        if not (uri := given("AMQP_URI")):
            return rabbit.uri(self.ports.amqp, user, password)
        parts = urlsplit(uri)
        return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"))

    def service_env(self, service: str) -> dict[str, str]:
        """The variables by which one service enters both servers as its own user."""
        name = user(service)
        return {
            "MONGO_URI": self.mongo_uri_of(service),
            "MONGO_DATABASE": name,
            "AMQP_URI": self._amqp_uri(name, self.passwords[service]),
        }

    def prepare_env(self, service: str) -> dict[str, str]:
        """The further variables by which one service's `prepare` enters both servers with the rights that it needs."""
        return {
            "MONGO_ADMIN_URI": self.mongo_uri_of(preparer(service)),
            "AMQP_ADMIN_URI": self.amqp_admin_uri,
            "AMQP_MANAGEMENT_URL": self.amqp_management_url,
        }

    def mongo_uri_of(self, who: str) -> str:
        """The database for one service, or for whoever prepares one."""
        theirs = (user(who), self.passwords[who])
        address = given("MONGO_URI")
        return mongo.as_user(address, *theirs) if address else mongo.uri(self.ports.mongo, *theirs)


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
    if home.exists() or process.find(home):
        with _held(home / "lock", fcntl.LOCK_EX):
            _keep_down(home, ROLES)
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
    return Servers(home, Ports.recorded(home) or Ports.chosen(), passwords_of(home))


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
    """Stop the broker only, in order; no supervisor starts it again before `start_broker`."""
    _keep_down(home, {rabbit.ROLE, rabbit.NAMES})
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


def is_kept_down(home: Path, role: str) -> bool:
    """Whether a server was stopped by a command, so that its supervisor leaves it alone."""
    return (home / "stopped" / role).exists()


def _keep_down(home: Path, roles: Set[str]) -> None:
    (home / "stopped").mkdir(exist_ok=True)
    for role in roles:
        (home / "stopped" / role).touch()


def _start(home: Path, wanted: Ports | None) -> Servers:
    with _held(home / "lock", fcntl.LOCK_EX):
        layout.require_current(home)
        layout.record(home)
        servers = Servers(home, ports_for(home, wanted), passwords_of(home))
        before = set(process.find(home).values())
        rmtree(home / "stopped", ignore_errors=True)
        supervisor = SUPERVISOR if SUPERVISOR in before else None
        if not supervisor:
            _refuse_taken(servers.ports, before)
            _require_space(home, before)
        try:
            _both(_starters(servers, supervisor))
        except BaseException:
            for role in ROLES - before if not supervisor else ():
                process.end(home, role)
            raise
        servers.ports.record(home)
        return servers


def _starters(servers: Servers, supervisor: str | None) -> list[Callable[[], None]]:
    home, ports, passwords = servers.home, servers.ports, servers.passwords
    database = given("MONGO_URI")
    return [
        (lambda: mongo.make_users_at(database, passwords))
        if database
        else (lambda: mongo.start(home, ports.mongo, passwords, supervisor)),
        (lambda: _make_users(servers))
        if given("AMQP_URI")
        else (lambda: rabbit.start(home, ports, passwords, home != HOME, supervisor)),
    ]


def _make_users(servers: Servers) -> None:
    """Give each service its user at a broker of the user's own, where that can be asked to."""
    if url := servers.amqp_management_url:
        api = broker.Management.of(url, servers.amqp_admin_uri)
        for name in SERVICES:
            rights = broker.rights("", name, any_prefix=servers.home != HOME)
            api.set_user(servers.service_env(name)["AMQP_URI"], rights)


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


def _require_space(home: Path, running: set[str]) -> None:
    """Refuse to begin on a disk on which the database would soon end, and the broker take nothing."""
    if not given("MONGO_URI") and mongo.ROLE not in running:
        space.require_mb(home, AT_WORK_MB if (home / "mongo").exists() else AT_WORK_MB + FIRST_START_MB)


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
