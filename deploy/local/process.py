"""Start, find and end processes of one instance: each carries a tag in its environment that names its home.

The tag is what a pid file cannot be: never stale, inherited by every child, absent from a stranger to whom
the kernel gave an old number. So nothing of others can be ended by mistake. (nginx alone loses it: see below.)
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.config import CHECKOUT, SetupError
from deploy.local.space import FULL_MB, free_mb

_HOME, _ROLE = "NILAI_INSTANCE", "NILAI_ROLE"
EXEC_SECONDS = 1.0  # a process has no environment in the instant of exec, which is long on a busy machine


def tagged(home: Path, role: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a process that plays `role` in the instance under `home`."""
    return {**(os.environ if env is None else env), _HOME: str(home), _ROLE: role}


def spawn(home: Path, role: str, argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Path:
    """Start a process that outlives this one; gives the path of its log."""
    log = log_of(home, role)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.run(
            ["setsid", "--fork", *argv],
            env=tagged(home, role, env),
            cwd=folder_of(home, role),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=True,
        )
    return log


def folder_of(home: Path, role: str) -> Path:
    """Where a process of this role is at home: programs in the checkout, servers where their dumps harm nobody."""
    own = home / role
    return own if own.is_dir() else CHECKOUT


def log_of(home: Path, role: str) -> Path:
    """Where a process of this role writes what it has to say."""
    return home / "log" / f"{role}.log"


def find(home: Path, *roles: str) -> dict[int, str]:
    """The living processes of the instance by pid, with their roles; all roles when none is named.

    In the instant in which a process becomes another program its environment cannot be read: to find nothing
    takes a second look.
    """
    found = _look(home, roles)
    if not found:
        time.sleep(0.02)
        found = _look(home, roles)
    return found


def end(home: Path, *roles: str, grace: float = 25) -> None:
    """Ask the head of each tree of these roles to leave, kill after `grace` seconds; then all have left."""
    pids = find(home, *roles)
    _signal({pid for pid in pids if _parent(pid) not in pids}, signal.SIGTERM)
    if not _gone(home, roles, grace):
        kill(home, *roles)


def kill(home: Path, *roles: str) -> None:
    """Kill -9 every process of these roles, those too that one of them starts meanwhile; returns when all have left."""
    until = time.monotonic() + 10
    while left := find(home, *roles):
        if time.monotonic() > until:
            raise SetupError(f"These processes cannot be killed: {left}; is their disk gone?")
        _signal(set(left), signal.SIGKILL)
        time.sleep(0.02)


def head(home: Path, role: str) -> int:
    """The process of this role that the others of its tree descend from; 0 when there is none."""
    pids = find(home, role)
    return min((pid for pid in pids if _parent(pid) not in pids), default=0)


def lives(home: Path, role: str, pid: int) -> bool:
    """Whether this very process still plays the role."""
    env = _environ(pid)
    return (env.get(_HOME), env.get(_ROLE)) == (str(home), role)


def wait(
    ready: Callable[[], bool], seconds: float, home: Path, role: str, started_by: str | None = None
) -> None:
    """Wait until `ready`; SetupError when the process dies before or the time runs out, with the log's path.

    One that is `started_by` another role may die as often as that one lives.
    """
    log, until = log_of(home, role), time.monotonic() + seconds
    seen = time.monotonic()
    while not ready():
        if find(home, started_by or role):
            seen = time.monotonic()
        elif time.monotonic() - seen > EXEC_SECONDS:
            raise SetupError(f"{role} ended while it started: {cause(log)} (log: {log}).")
        if time.monotonic() > until:
            raise SetupError(f"{role} was not ready after {seconds:.0f} s: {cause(log)} (log: {log}).")
        time.sleep(0.05)


def cause(log: Path) -> str:
    """Why a process does not run, as far as can be told: its disk is full, or the last thing that it said."""
    return "the disk is full" if free_mb(log.parent) < FULL_MB else last_line(log)


def last_line(log: Path) -> str:
    """The last thing that a log says, shortened; of lines in MongoDB's JSON the last that tells of an error."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    severe = [line for line in lines if '"s":"F"' in line or '"s":"E"' in line]
    told = [line for line in severe if '"error"' in line] or severe or lines
    return told[-1].partition('"msg":')[2][:300] or told[-1][:300] if told else "it said nothing"


def environment_of(home: Path, role: str) -> dict[str, str]:
    """What a process of this role was started with, without the tag; nothing when there is none."""
    env = _environ(min(find(home, role), default=0))
    return {name: value for name, value in env.items() if name not in (_HOME, _ROLE)}


def _look(home: Path, roles: Sequence[str]) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            role = _role(int(entry.name), str(home))
            if role and (not roles or role in roles):
                found[int(entry.name)] = role
    return found


def _role(pid: int, home: str) -> str | None:
    env = _environ(pid)
    return env.get(_ROLE, "?") if env.get(_HOME) == home else _role_of_nginx(pid, home)


def _role_of_nginx(pid: int, home: str) -> str | None:
    """nginx writes its title over its environment: it is known by its name and by the folder home/ROLE it works in."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        folder = Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
    return folder.name if name == "nginx" and str(folder.parent) == home else None


def _environ(pid: int) -> dict[str, str]:
    """The environment that a process was started with; nothing when it is gone or somebody else's."""
    try:
        pairs = os.fsdecode(Path(f"/proc/{pid}/environ").read_bytes()).split("\0")
    except OSError:
        return {}
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs) if name}


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _gone(home: Path, roles: Sequence[str], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while find(home, *roles):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
