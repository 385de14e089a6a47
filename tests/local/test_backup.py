"""What was saved comes up again after everything was lost, and nothing else is ever put beside data."""

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import pytest
from kombu import Connection, Queue
from pymongo import MongoClient

from deploy.local import backup, process, programs, servers
from deploy.local.config import CHECKOUT, TEST_HOME, Ports, SetupError
from deploy.local.servers import Servers
from services.intake.blobs.page_images import PageImages
from services.intake.domain.page_images import PageImage
from tests.local.test_layout import nilai
from tests.waiting import until

Client = MongoClient[dict[str, object]]


@pytest.fixture
def home() -> Iterator[Path]:
    """An instance of its own, gone afterwards."""
    home = TEST_HOME / "backup"
    rmtree(home, ignore_errors=True)
    yield home
    servers.stop(home)
    rmtree(home)


def kept(running: Servers) -> Queue:
    arguments = {"x-queue-type": "quorum"}
    return Queue("kept", durable=True, queue_arguments=arguments)


def test_database_broker_keys_and_passwords_are_there_again_after_all_was_lost(
    home: Path, tmp_path: Path
) -> None:
    running = servers.start(home, Ports.free())
    (home / "keys").mkdir()
    (home / "keys/keys.json").write_text("[]")
    cache = PageImages(Path(programs.environment(running, "intake")["PAGE_CACHE"]))
    drawn, wanted = os.urandom(20_000), PageImage("kota-a", "0" * 64, 1, 800)
    cache.add(wanted, drawn)
    assert cache.find(wanted) == drawn
    with Client(running.mongo_admin_uri) as client:
        client["nilai_intake"]["kept"].insert_one({"_id": 1})
    with Connection(running.amqp_admin_uri) as connection:
        queue = kept(running)(connection.channel())
        queue.declare()
        connection.Producer().publish("a letter", routing_key="kept", delivery_mode=2)
    refused = nilai(home, "backup", str(tmp_path / "kept"))
    assert (refused.returncode, "runs, and changes: `make down` first" in refused.stderr) == (1, True)
    servers.stop(home)
    saved = nilai(home, "backup", str(tmp_path / "kept"))
    assert (saved.returncode, saved.stderr) == (0, "")
    file = tmp_path / "kept" / backup.NAME
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with tarfile.open(file) as tar:
        contents = [opened.read() for each in tar if (opened := tar.extractfile(each))]
    assert [content for content in contents if drawn[:200] in content] == []
    assert "holds data" in nilai(home, "restore", str(tmp_path / "kept")).stderr
    rmtree(home)
    restored = nilai(home, "restore", str(tmp_path / "kept"))
    assert (restored.returncode, restored.stderr) == (0, "")
    again = servers.start(home)
    assert again == running
    with Client(again.mongo_admin_uri) as client:
        assert client["nilai_intake"]["kept"].find_one() == {"_id": 1}
    with Connection(again.amqp_admin_uri) as connection:
        message = kept(again)(connection.channel()).get()
        assert (message.body if message else None) == "a letter"
    assert (home / "keys/keys.json").read_text() == "[]"


def test_what_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with pytest.raises(SetupError, match="tar failed"):
        backup.restore(home, tmp_path)
    with tarfile.open(tmp_path / backup.NAME, "w:gz") as tar:
        tar.add(CHECKOUT / "README.md", "layout")
    with pytest.raises(SetupError, match=r"no backup of Nilai: it lacks keys, mongo, passwords\.json"):
        backup.restore(home, tmp_path)
    (tmp_path / backup.NAME).write_bytes((tmp_path / backup.NAME).read_bytes()[:100])
    with pytest.raises(SetupError, match="tar failed"):
        backup.restore(home, tmp_path)
    assert list(home.iterdir()) == []


def test_where_nothing_is_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nothing to keep"):
        backup.save(tmp_path / "home", tmp_path)
    assert process.find(tmp_path) == {}


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Begins a backup into `kept` that gets no further than its first bytes: its tar never ends."""
    home, tar, begun = tmp_path / "home", tmp_path / "bin/tar", []
    (home / "mongo").mkdir(parents=True)
    tar.parent.mkdir()
    tar.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    tar.chmod(0o755)
    line = [sys.executable, "-m", "deploy.local", "backup", str(tmp_path / "kept"), "--home", str(home)]

    def begin() -> "subprocess.Popen[bytes]":
        before = drafts(tmp_path)
        env = {**os.environ, "PATH": f"{tar.parent}:{os.environ['PATH']}"}
        begun.append(subprocess.Popen(line, cwd=CHECKOUT, env=env, start_new_session=True))
        until(lambda: set(drafts(tmp_path)) - set(before))
        return begun[-1]

    yield begin
    for one in begun:
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait(20)


def drafts(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "kept").glob(".nilai*"))


def test_a_backup_that_is_told_to_end_leaves_nothing_half(
    begin: Callable[[], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    for number, code in ((signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 1)):
        begun = begin()
        os.kill(begun.pid, number)
        assert begun.wait(20) == code
        assert list((tmp_path / "kept").iterdir()) == []


def test_what_a_killed_backup_leaves_half_goes_with_the_next_one(
    begin: Callable[[], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    killed = begin()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(20)
    assert drafts(tmp_path) == [f".nilai.tgz.{killed.pid}"]
    at_work = begin()
    assert drafts(tmp_path) == [f".nilai.tgz.{at_work.pid}"]
    assert backup.save(tmp_path / "home", tmp_path / "kept").exists()
    assert drafts(tmp_path) == [f".nilai.tgz.{at_work.pid}"]
