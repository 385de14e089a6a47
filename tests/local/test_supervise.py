"""A program that dies is started again, with patience."""

import sys
from pathlib import Path

from deploy.local import process, supervise
from deploy.local.programs import Program
from deploy.local.supervise import Child


def child(home: Path, code: str) -> Child:
    (home / "log").mkdir()
    return Child(home, Program("toy", (sys.executable, "-c", code), {}))


def test_what_dies_at_once_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    toy, now, pauses = child(tmp_path, "raise SystemExit(3)"), 0.0, []
    for _ in range(3):
        assert toy.ensure_running(now)
        assert toy.running
        toy.running.wait(10)
        assert not toy.ensure_running(now)
        pauses.append(toy.due - now)
        assert not toy.ensure_running(toy.due - 0.01)
        now = toy.due
    assert toy.restarts == 2
    assert pauses == [1.0, 2.0, 4.0]


def test_what_ran_well_before_it_died_is_started_again_soon(tmp_path: Path) -> None:
    toy = child(tmp_path, "raise SystemExit(3)")
    toy.pause = supervise.LONGEST_PAUSE
    assert toy.ensure_running(0.0)
    assert toy.running
    toy.running.wait(10)
    later = supervise.WELL_AFTER + 1
    toy.ensure_running(later)
    assert toy.due == later + 0.5


def test_what_runs_is_left_alone_and_carries_the_tag_of_its_home(tmp_path: Path) -> None:
    toy = child(tmp_path, "import signal; signal.pause()")
    assert toy.ensure_running(0.0)
    assert toy.running
    assert process.find(tmp_path) == {toy.running.pid: "toy"}
    assert not toy.ensure_running(1.0)
    toy.running.terminate()
    toy.running.wait(10)


def test_restarts_of_an_instance_that_never_ran_are_none(tmp_path: Path) -> None:
    assert supervise.restarts(tmp_path) == {}
