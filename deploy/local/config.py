"""Where the embedded system lives and on which ports (standard library only: `make setup` uses it)."""

import dataclasses
import json
import os
import random
import socket
import time
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = CHECKOUT / ".local"
TEST_HOME = HOME / "test"
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
        wrong = [
            names[name] for name, text in said.items() if not text.isdecimal() or not 0 < int(text) < 65536
        ]
        if wrong:
            raise SetupError(f"{' and '.join(wrong)} must be a port number between 1 and 65535.")
        return dataclasses.replace(before or cls(), **{name: int(text) for name, text in said.items()})

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
        try:
            return cls(**json.loads((home / "ports.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def record(self, home: Path) -> None:
        """Keep these ports for whoever looks for the instance in `home`."""
        write(home / "ports.json", json.dumps(dataclasses.asdict(self)))


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


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a whole file or none of it, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    new.replace(path)
