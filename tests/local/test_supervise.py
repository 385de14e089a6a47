"""A program that dies is started again, with patience."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import process, supervise
from deploy.local.config import CHECKOUT, SetupError, longest_pause
from deploy.local.programs import Program
from deploy.local.supervise import Child
from tests.waiting import until

LONGEST = 3.0
SLEEPS = "import signal; signal.pause()"
DEAF_CHILD = """
import os, signal
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
signal.pause()
"""


def finish(toy: Child) -> None:
    """Kill it, once it is found: in the instant in which it becomes another program it is not."""
    until(lambda: process.head(toy.home, "toy"))
    process.kill(toy.home, "toy")
    ends(toy)


def ends(toy: Child) -> None:
    until(lambda: toy.running is None or toy.running.poll() is not None)


def child(home: Path, code: str) -> Child:
    (home / "log").mkdir()
    return Child(home, Program("toy", (sys.executable, "-c", code), {}), LONGEST)


def test_what_dies_at_once_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    toy, now, pauses = child(tmp_path, "raise SystemExit(3)"), 0.0, []
    for _ in range(5):
        assert toy.ensure_running(now)
        ends(toy)
        toy.note_exit(now)
        pauses.append(toy.due - now)
        assert toy.due == now or not toy.ensure_running(toy.due - 0.01)
        now = toy.due
    assert toy.restarts == 4
    assert pauses == [0.0, 1.0, 2.0, LONGEST, LONGEST]


def test_what_ran_well_before_it_died_is_started_again_soon(tmp_path: Path) -> None:
    toy = child(tmp_path, "raise SystemExit(3)")
    toy.pause = LONGEST
    assert toy.ensure_running(0.0)
    ends(toy)
    later = supervise.WELL_AFTER + 1
    toy.note_exit(later)
    assert toy.due == later


def test_what_runs_is_left_alone_and_carries_the_tag_of_its_home(tmp_path: Path) -> None:
    toy = child(tmp_path, "import signal; signal.pause()")
    assert toy.ensure_running(0.0)
    pid = process.head(tmp_path, "toy")
    assert process.find(tmp_path) == {pid: "toy"}
    assert not toy.ensure_running(1.0)
    os.kill(pid, signal.SIGTERM)
    ends(toy)


def test_what_runs_already_is_taken_in_hand_and_started_again_when_it_dies(tmp_path: Path) -> None:
    toy = child(tmp_path, SLEEPS)
    toy.adopt()
    assert toy.running is None
    process.spawn(tmp_path, "toy", [sys.executable, "-c", SLEEPS])
    until(lambda: process.head(tmp_path, "toy"))
    first = process.head(tmp_path, "toy")
    toy.adopt()
    assert not toy.ensure_running(0.0)
    os.kill(first, signal.SIGKILL)
    until(lambda: toy.ensure_running(1.0))
    assert toy.restarts == 1
    assert process.head(tmp_path, "toy") != first
    finish(toy)


def test_what_a_dead_program_leaves_behind_ends_before_the_next_one_starts(tmp_path: Path) -> None:
    toy = child(tmp_path, DEAF_CHILD)
    assert toy.ensure_running(0.0)
    log = process.log_of(tmp_path, "toy")
    until(lambda: "deaf" in log.read_text())
    (orphan,) = process.find(tmp_path, "toy").keys() - {process.head(tmp_path, "toy")}
    os.kill(process.head(tmp_path, "toy"), signal.SIGKILL)
    until(lambda: toy.ensure_running(1.0))
    assert orphan not in process.find(tmp_path)
    finish(toy)


def test_what_was_stopped_by_a_command_is_left_alone_until_it_is_started_by_one(tmp_path: Path) -> None:
    toy = child(tmp_path, SLEEPS)
    (tmp_path / "stopped").mkdir()
    (tmp_path / "stopped/toy").touch()
    assert not toy.ensure_running(0.0)
    (tmp_path / "stopped/toy").unlink()
    assert toy.ensure_running(0.0)
    finish(toy)


def test_what_cannot_be_started_is_tried_again_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = child(tmp_path, "")
    toy.program = Program("toy", (str(tmp_path / "nowhere"),), {})
    assert not toy.ensure_running(0.0)
    assert not toy.ensure_running(0.0)
    assert toy.due == 1.0
    assert "toy cannot be started: [Errno 2] No such file" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["0", "soon", "-1", "1.5", "3601"])
def test_a_longest_pause_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NILAI_LONGEST_PAUSE", text)
    with pytest.raises(
        SetupError, match="NILAI_LONGEST_PAUSE must be a whole number of seconds from 1 to 3600"
    ):
        longest_pause()


def test_the_longest_pause_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NILAI_LONGEST_PAUSE", raising=False)
    assert longest_pause() == 15
    monkeypatch.setenv("NILAI_LONGEST_PAUSE", "2")
    assert longest_pause() == 2


def test_restarts_of_an_instance_that_never_ran_are_none(tmp_path: Path) -> None:
    assert supervise.restarts(tmp_path) == {}


GUARDED = """
import sys
from deploy.local.guard import Guard
sys.exit(Guard([sys.executable, "-c", sys.argv[1]]).run())
"""


@pytest.mark.parametrize(("code", "ends_with"), [("raise SystemExit(0)", 0), ("raise SystemExit(3)", 3)])
def test_a_supervisor_that_cannot_do_its_work_ends_its_guard(code: str, ends_with: int) -> None:
    line = [sys.executable, "-c", GUARDED, code]
    assert subprocess.run(line, cwd=CHECKOUT, timeout=60, check=False).returncode == ends_with


def test_a_guard_starts_again_what_was_killed_and_ends_with_it_when_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    process.spawn(tmp_path, "toy", [sys.executable, "-c", GUARDED, SLEEPS])
    until(lambda: len(process.find(tmp_path, "toy")) == 2)
    guard = process.head(tmp_path, "toy")
    (first,) = process.find(tmp_path, "toy").keys() - {guard}
    os.kill(first, signal.SIGKILL)
    until(lambda: len(process.find(tmp_path, "toy").keys() - {first}) == 2)
    assert process.head(tmp_path, "toy") == guard
    process.end(tmp_path, "toy", grace=20)
    assert process.find(tmp_path) == {}
