"""The layout of an instance's data: names of collections, queues and users. Data of another layout are refused."""

from pathlib import Path

from deploy.local import process
from deploy.local.config import CHECKOUT, HOME, SetupError, write

LAYOUT = "2"
"""Another number whenever data that an instance may hold can no longer be read, such as after a renamed queue."""
_DATA = ("mongo", "rabbitmq")


def require_current(home: Path) -> None:
    """Raise SetupError, which says what to remove, when the instance holds data of another layout."""
    there = data(home)
    if there and _recorded(home) == "":
        raise SetupError(
            f"{home}/layout is empty. Put it back from a backup, or write {LAYOUT} there if this version made the data."
        )
    if there and _recorded(home) != LAYOUT:
        down = "make down" if home == HOME else f"{CHECKOUT / '.venv/bin/nilai'} down --home {home}"
        stop = f"{down}; " if process.find(home) else ""
        raise SetupError(
            f"{home} holds data of another version of Nilai, which this one cannot read; "
            f"to begin anew: {stop}rm -r {' '.join(map(str, there))}"
        )


def data(home: Path) -> list[Path]:
    """The folders with data that the instance has."""
    return [home / name for name in _DATA if (home / name).exists()]


def record(home: Path) -> None:
    """Note that whatever data the instance will hold have the current layout."""
    if _recorded(home) != LAYOUT:
        write(home / "layout", f"{LAYOUT}\n")


def _recorded(home: Path) -> str | None:
    file = home / "layout"
    return file.read_text().strip() if file.exists() else None
