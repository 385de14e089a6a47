"""Data of another layout are refused in a sentence that says what to remove, and can still be stopped."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local import layout, process, processes
from deploy.local.config import CHECKOUT, Ports, SetupError
from deploy.local.servers import Servers, with_servers
from tests.support.database import with_passwords_of

ASLEEP = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The home of an instance that was made before layouts were recorded."""
    for name in ("mongo/data", "rabbitmq/data", "mongodb", "keys", "log"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def nilai(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    line: Sequence[str | Path] = [sys.executable, "-m", "deploy.local", *arguments, "--home", home]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=CHECKOUT)


@pytest.mark.parametrize("command", [["up"], ["servers", "start"], ["servers", "start-broker"]])
def test_older_data_are_refused_in_one_sentence_and_nothing_starts(older: Path, command: list[str]) -> None:
    done = nilai(older, *command)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith(f"to begin anew: rm -r {older}/mongo {older}/rabbitmq")
    assert process.find(older) == {}


def test_what_still_runs_is_to_be_stopped_first_and_can_be(older: Path) -> None:
    process.spawn(older, "mongod", ASLEEP)
    process.wait(lambda: bool(process.find(older, "mongod")), 10, older, "mongod")
    with pytest.raises(SetupError, match=rf"to begin anew: \S+ down --home {older}; rm -r"):
        processes.up(older, Ports.free())
    assert process.find(older)
    assert nilai(older, "down").returncode == 0
    assert process.find(older) == {}


@pytest.mark.parametrize("number", ["1", "3"])
def test_data_of_any_other_layout_are_refused(older: Path, number: str) -> None:
    (older / "layout").write_text(number)
    with pytest.raises(SetupError, match="another version of Nilai"), with_servers(older):
        pass


def test_only_the_folders_that_are_there_are_named(older: Path) -> None:
    (older / "rabbitmq/data").rmdir()
    (older / "rabbitmq").rmdir()
    with pytest.raises(SetupError, match=rf"rm -r {older}/mongo$"):
        layout.require_current(older)


def test_what_is_no_data_is_kept_and_the_layout_recorded_by_a_start(
    older: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mongo", "rabbitmq"):
        (older / name / "data").rmdir()
        (older / name).rmdir()
    monkeypatch.setenv("MONGO_URI", servers.mongo_admin_uri)
    monkeypatch.setenv("AMQP_URI", servers.amqp_admin_uri)
    with_passwords_of(servers, older)
    with with_servers(older):
        assert (older / "layout").read_text().strip() == layout.LAYOUT
    (older / "mongo").mkdir()
    layout.require_current(older)


def test_a_started_instance_has_the_current_layout(servers: Servers) -> None:
    layout.require_current(servers.home)
    assert (servers.home / "layout").exists()
