"""A drawing process waits before anybody asks: it is loaded and bounded by then, and draws for one file only."""

import io
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.intake.apart.process import Bounds, Died
from services.intake.apart.spare import Spare
from services.intake.rendering import process
from services.intake.rendering.process import BOUNDS as MEANT
from services.intake.rendering.process import WHAT
from tests.intake.apart import Watched, running
from tests.intake.pdfs import document, text
from tests.waiting import until

BOUNDS = replace(MEANT, wall=120.0)
PLAIN = document(text("Bukti"))
ORDER = b'["draw", "pdf", 1, 800]'


@pytest.fixture
def spare() -> Iterator[Spare]:
    """A spare of the drawing process beside the one that the service has."""
    process.SPARE.end()
    made = Spare(WHAT)
    yield made
    made.end()
    assert running(WHAT) == []


def drawing(spare: Spare, bounds: Bounds = BOUNDS) -> int:
    """Have a page drawn; gives the number of the process that did it."""
    seen: set[int] = set()
    file = Watched(PLAIN, WHAT, seen.add)
    assert spare.ask(ORDER, file, len(PLAIN), bounds).startswith(b"\x89PNG")
    (pid,) = seen
    return pid


def waiting() -> int:
    (pid,) = running(WHAT)
    return pid


def test_who_asks_next_finds_a_process_that_has_loaded_all(spare: Spare) -> None:
    first = drawing(spare)
    pid = waiting()
    assert pid != first
    until(lambda: "pdfium" in Path(f"/proc/{pid}/maps").read_text())
    assert drawing(spare) == pid
    assert waiting() not in (first, pid)


def test_a_process_that_waits_is_bounded_and_knows_nothing(
    spare: Spare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://secret")
    drawing(spare)
    place = Path(f"/proc/{waiting()}")
    until(lambda: "pdfium" in (place / "maps").read_text())
    limits = {line[:26].strip(): line[26:].split()[0] for line in (place / "limits").read_text().splitlines()}
    assert limits["Max address space"] == str(BOUNDS.memory)
    assert limits["Max cpu time"] == str(BOUNDS.cpu)
    assert limits["Max file size"] == "0"
    assert (place / "environ").read_text().partition("=")[0] == "PYTHONPATH"
    assert "MONGO_URI" not in (place / "environ").read_text()


def test_a_process_that_somebody_ended_is_not_asked(spare: Spare) -> None:
    drawing(spare)
    pid = waiting()
    os.kill(pid, signal.SIGKILL)
    until(lambda: running(WHAT) == [])
    assert drawing(spare) != pid


@pytest.mark.parametrize("other", [replace(BOUNDS, cpu=3), replace(BOUNDS, memory=BOUNDS.memory // 2)])
def test_a_process_that_is_bounded_otherwise_is_not_asked(spare: Spare, other: Bounds) -> None:
    drawing(spare)
    pid = waiting()
    assert drawing(spare, other) != pid
    assert not Path(f"/proc/{pid}").exists()


def test_a_process_that_dies_of_a_file_takes_no_other_along(spare: Spare) -> None:
    drawing(spare)
    with pytest.raises(Died):
        spare.ask(ORDER, Watched(PLAIN, WHAT, lambda pid: os.kill(pid, signal.SIGSEGV)), len(PLAIN), BOUNDS)
    drawing(spare)


def test_where_no_process_can_be_started_the_answer_is_there_nevertheless(
    spare: Spare, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(spare)
    file = io.BytesIO(PLAIN)
    monkeypatch.setattr("sys.executable", "/nowhere")
    assert spare.ask(ORDER, file, len(PLAIN), BOUNDS).startswith(b"\x89PNG")
    with pytest.raises(OSError, match="nowhere"):
        spare.ask(ORDER, file, len(PLAIN), BOUNDS)
