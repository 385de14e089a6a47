"""What is kept of containers is of one moment: a backup that is ended leaves what was there before."""

import os
import signal
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from shutil import copy

import pytest

from deploy.local.config import CHECKOUT
from tests.waiting import until

VOLUMES = ("mongo-data", "rabbitmq-data", "keys", "intake-keys", "review-keys", "scoring-keys", "notify-keys")
# A docker that runs the command that it is given on folders of the machine, and never ends with the volume `stuck`.
DOCKER = """#!/bin/sh
[ "$1" = run ] || exit 0
for each; do
    case $each in
        *:/volume*) volume=$(dirname "$0")/../volumes/${each%%:*} ;;
        *:/kept) kept=${each%:/kept} ;;
        *"tar czf"*) command=$each ;;
    esac
done
while [ "$1" != -- ]; do shift; done
case $volume in *"$(cat "$(dirname "$0")/stuck")") : >"$kept/.$2.tgz.part"; exec tail -f /dev/null ;; esac
exec sh -c "$(echo "$command" | sed "s|/kept|$kept|g; s|/volume|$volume|g")" "$@"
"""


@pytest.fixture
def start(tmp_path: Path) -> Callable[[str], "subprocess.Popen[bytes]"]:
    """Starts a backup of an installation into `kept`, in which a volume is stuck, or none."""
    for folder in (
        "deploy/compose",
        "deploy/secrets",
        "bin",
        "kept",
        *(f"volumes/n_{one}" for one in VOLUMES),
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "deploy/secrets/password").write_text("secret")
    copy(CHECKOUT / "deploy/compose/backup.sh", tmp_path / "deploy/compose")
    (tmp_path / "bin/docker").write_text(DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)

    def start(stuck: str) -> "subprocess.Popen[bytes]":
        (tmp_path / "bin/stuck").write_text(f"n_{stuck}")
        env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "COMPOSE_PROJECT_NAME": "n"}
        line = ["sh", str(tmp_path / "deploy/compose/backup.sh"), "save", str(tmp_path / "kept")]
        return subprocess.Popen(line, env=env, start_new_session=True)

    return start


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_ended_backup_leaves_what_was_kept_before(
    start: Callable[[str], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    assert start("none").wait(60) == 0
    before = content(kept)
    assert before.keys() == {f"{name}.tgz" for name in (*VOLUMES, "secrets")}
    (tmp_path / "volumes/n_mongo-data/later").write_text("later")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        begun = start("keys")
        until((kept / ".keys.tgz.part").exists)
        os.killpg(begun.pid, number)
        assert begun.wait(60) != 0
        assert {name: data for name, data in content(kept).items() if not name.startswith(".")} == before
        assert number == signal.SIGKILL or content(kept) == before
    assert start("none").wait(60) == 0
    assert content(kept).keys() == before.keys()
    with tarfile.open(kept / "mongo-data.tgz") as saved:
        assert "./later" in saved.getnames()
