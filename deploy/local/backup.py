"""Everything that an instance holds in one file, and back again: database, broker, keys and passwords of one moment."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree

from deploy.local import layout, process
from deploy.local.config import SetupError

NAME = "nilai.tgz"
KEPT = ("layout", "passwords.json", "ports.json", "keys", "mongo", "rabbitmq")
_NEEDED = {"layout", "passwords.json", "keys", "mongo"}


def save(home: Path, folder: Path) -> Path:
    """Keep what a stopped instance holds, in a file that only its owner reads; gives its path."""
    _require_stopped(home)
    held = [name for name in KEPT if (home / name).exists()]
    if not layout.data(home):
        raise SetupError(f"There is nothing to keep in {home}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, draft = folder / NAME, folder / f".{NAME}.{os.getpid()}"
    _sweep(folder, f".{NAME}.*")
    with _made(draft, partial(draft.touch, 0o600, exist_ok=False)):
        _tar("-cz", "-f", draft, "-C", home, *held)
        draft.replace(file)
    return file


def restore(home: Path, folder: Path) -> None:
    """Put it back into an instance that holds nothing; what cannot be put back whole changes nothing."""
    _require_stopped(home)
    if there := [name for name in KEPT if (home / name).exists()]:
        raise SetupError(
            f"{home} holds data: files of another time beside the restored ones make a third thing. "
            f"Move them away, or delete them: rm -r {' '.join(str(home / name) for name in there)}"
        )
    draft = home / f".restored.{os.getpid()}"
    _sweep(home, ".restored.*")
    with _made(draft, partial(draft.mkdir, 0o700, parents=True)):
        _tar("-xzp", "-f", folder / NAME, "-C", draft)
        if lost := _NEEDED - {entry.name for entry in draft.iterdir()}:
            raise SetupError(f"{folder / NAME} is no backup of Nilai: it lacks {', '.join(sorted(lost))}.")
        for name in KEPT:
            if (draft / name).exists():
                (draft / name).rename(home / name)


@contextmanager
def _made(draft: Path, make: Callable[[], object]) -> Iterator[None]:
    """Make a file or folder that goes at the end, by SIGTERM too; one that a kill leaves is not locked any more."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    lock = None
    try:
        make()
        lock = _locked(draft)
        yield
    finally:
        if draft.exists():
            _remove(draft)
        if lock is not None:
            os.close(lock)
        signal.signal(signal.SIGTERM, before)


def _sweep(folder: Path, pattern: str) -> None:
    """Remove what others began here and nobody works on any more."""
    for left in folder.glob(pattern):
        if (lock := _locked(left)) is not None:
            _remove(left)
            os.close(lock)


def _locked(path: Path) -> int | None:
    """A handle that holds it, or None where another process does."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _remove(path: Path) -> None:
    if path.is_dir():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _require_stopped(home: Path) -> None:
    if process.find(home):
        raise SetupError(f"What is in {home} runs, and changes: `make down` first, `make up` afterwards.")


def _tar(*arguments: str | Path) -> None:
    done = subprocess.run(["tar", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no reason given"]
        raise SetupError(f"tar failed: {words[0]}")
