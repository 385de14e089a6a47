"""Where the embedded system lives and on which ports (standard library only: `make setup` uses it)."""

import dataclasses
import json
import os
import random
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.core import reading

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = CHECKOUT / ".local"
TEST_HOME = HOME / "test"
_MEMORY = Path("/dev/shm")  # noqa: S108  # its folder is made with mode 700, and must be ours
DYING_SECONDS = 2.0
"""How long a program that was killed may hold its ports after it is gone from the list of processes."""
BELOW_EPHEMERAL = range(15000, 32000)
"""Where ports of an instance of its own are sought: those above are taken and left by connections all the time."""


class SetupError(Exception):
    """Why the embedded system cannot go on, in a sentence that says what to do."""


@dataclass(frozen=True)
class Ports:
    """One port of 127.0.0.1 for each program; `NILAI_<NAME>_PORT` sets another, from then on."""

    mongo: int = 27117
    amqp: int = 5772
    epmd: int = 4469
    dist: int = 25772
    gateway: int = 8080
    issuer: int = 8100
    intake: int = 8101
    review: int = 8102
    scoring: int = 8103
    notify: int = 8104
    intake_worker: int = 8111
    review_worker: int = 8112
    scoring_worker: int = 8113
    notify_worker: int = 8114

    @classmethod
    def chosen(cls, before: "Ports | None" = None) -> "Ports":
        """Those used before, else the defaults, with what the environment says instead."""
        names = {field.name: f"NILAI_{field.name.upper()}_PORT" for field in dataclasses.fields(cls)}
        said = {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}
        wrong = [names[name] for name, text in said.items() if not 0 < (reading.whole(text) or 0) < 65536]
        if wrong:
            raise SetupError(f"{' and '.join(wrong)} must be a port number between 1 and 65535.")
        chosen = dataclasses.replace(before or cls(), **{name: int(text) for name, text in said.items()})
        _refuse_twice({names[name]: port for name, port in vars(chosen).items()})
        return chosen

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody listens on at the moment, none of them one that the kernel gives to a connection."""
        names = [field.name for field in dataclasses.fields(cls)]
        found: list[int] = []
        while len(found) < len(names):
            port = random.choice(BELOW_EPHEMERAL)
            if port not in found and not taken(port):
                found.append(port)
        return cls(**dict(zip(names, found, strict=True)))

    @classmethod
    def recorded(cls, home: Path) -> "Ports | None":
        """The ports that the instance in `home` used last, or None."""
        file = home / "ports.json"
        found = read_json(file)
        try:
            return None if found is None else cls(**found)
        except TypeError as error:
            raise SetupError(
                f"{file} names a port that nobody here uses; remove it: ports are chosen anew."
            ) from error

    def record(self, home: Path) -> None:
        """Keep these ports for whoever looks for the instance in `home`."""
        write(home / "ports.json", json.dumps(dataclasses.asdict(self)))


def _refuse_twice(ports: Mapping[str, int]) -> None:
    """SetupError, with all of them, when two programs would have one port."""
    users = {port: [name for name in ports if ports[name] == port] for port in ports.values()}
    twice = [f"{' and '.join(names)} are the same port {port}" for port, names in users.items() if names[1:]]
    if twice:
        raise SetupError(f"{'; '.join(twice)}: each program needs one of its own.")


def lend_keys(home: Path = HOME) -> None:
    """Have this process work on the keys of the instance in `home`, if there are any, unless it is told of others."""
    if (folder := home / "keys").is_dir():
        os.environ.setdefault("NILAI_KEYS", str(folder))


def longest_pause() -> float:
    """Seconds that the supervisor waits at most before it starts again what ends and ends: `NILAI_LONGEST_PAUSE`."""
    text = os.environ.get("NILAI_LONGEST_PAUSE") or "15"
    if not 1 <= (reading.whole(text) or 0) <= 3600:
        raise SetupError(
            f"NILAI_LONGEST_PAUSE must be a whole number of seconds from 1 to 3600, not {text!r}."
        )
    return float(text)


def user(who: str) -> str:
    """What the servers call the admin, a service, or who prepares its database; a service's database has its name."""
    return who if who == "admin" else f"nilai_{who}"


def preparer(service: str) -> str:
    """Who prepares the database of a service: makes its collections and indexes, and grants the service's rights."""
    return f"{service}-prepare"


def given(name: str) -> str | None:
    """The address of a server of the user's own (`MONGO_URI`, `AMQP_URI`), or None for the embedded one."""
    return os.environ.get(name) or None


def taken(port: int) -> bool:
    """Whether some program holds this port of 127.0.0.1."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def held(*ports: int) -> set[int]:
    """Those of these ports that stay taken: a program that was killed lets go of its own in an instant."""
    until = time.monotonic() + DYING_SECONDS
    while (still := {port for port in ports if taken(port)}) and time.monotonic() < until:
        time.sleep(0.05)
    return still


def refuse_taken(ports: Ports, *names: str) -> None:
    """SetupError, with all of them, when other programs hold ports of these names."""
    still = held(*(getattr(ports, name) for name in names))
    if still:
        mine = {name: getattr(ports, name) for name in names if getattr(ports, name) in still}
        said = " ".join(f"Port {port} is taken by another program." for port in mine.values())
        instead = " ".join(f"NILAI_{name.upper()}_PORT=…" for name in mine)
        raise SetupError(f"{said} Choose free ones: put {instead} before the command; they are remembered.")


def listens(port: int) -> bool:
    """Whether some program answers on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int) -> bool:
    """Whether some program answers there within a moment: on a busy machine one silent try says nothing."""
    until = time.monotonic() + DYING_SECONDS
    while not (found := listens(port)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def scratch(home: Path) -> Path:
    """A folder for what lasts no longer than its process: in memory, since a full disk kills who has files mapped."""
    name = f"nilai-{os.geteuid()}-{sha256(os.fsencode(home)).hexdigest()[:12]}"
    for folder in (_MEMORY / name, home / "tmp"):
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid == os.geteuid() and not folder.is_symlink():
                return folder
    raise SetupError(f"Neither {_MEMORY} nor {home} takes a folder for temporary files.")


def read_json(file: Path) -> dict[str, Any] | None:
    """What a file of ours holds, None where there is none; SetupError, with its name, when it is empty or damaged."""
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SetupError(
            f"{file} is empty or damaged: put it back from a backup. Where there are no data yet, it is made anew "
            "once it is removed."
        )
    return found


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a whole file or none of it, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    new.replace(path)
