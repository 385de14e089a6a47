"""A disk becomes full and empty again: callers get 503, nothing acknowledged is lost, all heals by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.storage.mongo import COMMAND_SECONDS
from tests.drills.conftest import ROOT
from tests.support.measuring import without_measuring

OWN_MOUNTS = ["unshare", "--mount"]


def test_a_full_disk_is_an_outage_that_ends_by_itself_when_there_is_room_again(tmp_path: Path) -> None:
    if subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    small, tiny = str(tmp_path / "small"), str(tmp_path / "tiny")
    line = [*OWN_MOUNTS, sys.executable, "-m", "tests.drills.full_disk", small, tiny]
    env = without_measuring(os.environ)
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert set(seen["statuses"]) <= {201, 503}
    assert seen["longest"] < COMMAND_SECONDS + 5
    assert seen["kept"] == seen["acknowledged"]
    assert seen["killed"] == 0
    assert f"The disk of {tiny}/home is full" in seen["refusal"]
