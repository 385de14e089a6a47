"""The command `nilai`: what it says of itself, and how it ends when it cannot do what it is asked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import OF_ANY_SERVICE, OF_ONE_SERVICE, OWN, main
from deploy.local.config import CHECKOUT, lend_keys
from services.intake.app import service
from shared.service import Service
from shared.signing.cli import keys
from tests.support.stage import Stage


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, (words, _) in OF_ANY_SERVICE.items()])
def test_a_command_of_any_service_has_one_usage(name: str, words: str) -> None:
    for arguments, code in ((["--help"], 0), ([], 2), (["nobody"], 2)):
        answer = CliRunner().invoke(main, [name, *arguments])
        assert answer.exit_code == code
        assert answer.output.splitlines()[0].rstrip() == f"Usage: nilai {name} SERVICE {words}".rstrip()


@pytest.mark.parametrize("name", [*OWN, *OF_ANY_SERVICE])
def test_every_command_says_what_it_does(name: str) -> None:
    answer = CliRunner().invoke(main, [name, "--help"])
    assert (answer.exit_code, answer.output.split()[:3]) == (0, ["Usage:", "nilai", name])


def nilai(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "deploy.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_keys_are_found_where_the_settings_or_this_checkout_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keys"
    missing = CliRunner().invoke(keys, ["list"], env={"NILAI_KEYS": None})
    assert (missing.exit_code, "--folder" in missing.output) == (2, True)
    assert nilai("keys", "init", "--folder", str(folder)).returncode == 0
    told = nilai("keys", "list", "--folder", str(folder)).stdout
    assert nilai("keys", "list", NILAI_KEYS=str(folder)).stdout == told
    monkeypatch.delenv("NILAI_KEYS", raising=False)
    lend_keys(tmp_path / "nowhere")
    assert "NILAI_KEYS" not in os.environ
    lend_keys(tmp_path)
    assert os.environ["NILAI_KEYS"] == str(folder)
    assert CliRunner().invoke(keys, ["list"]).output == told
    monkeypatch.setenv("NILAI_KEYS", "/elsewhere")
    lend_keys(tmp_path)
    assert os.environ["NILAI_KEYS"] == "/elsewhere"


def usage(text: str) -> str:
    return text.splitlines()[0].partition(" [")[0]


@pytest.mark.parametrize(
    "words",
    [*((name, "intake") for name in OF_ANY_SERVICE), *((name,) for name in OF_ONE_SERVICE)],
    ids=" ".join,
)
def test_what_follows_the_service_belongs_to_its_command_which_is_called_as_it_was_typed(
    words: tuple[str, ...],
) -> None:
    answer = nilai(*words, "--help")
    assert (answer.returncode, usage(answer.stdout)) == (0, " ".join(["Usage: nilai", *words]))


def test_a_command_within_a_command_of_a_service_is_called_as_it_was_typed() -> None:
    assert usage(nilai("deferred", "review", "list", "--help").stdout) == "Usage: nilai deferred review list"


def test_a_service_run_as_a_module_is_called_by_its_module() -> None:
    command = [sys.executable, "-m", "services.review", "deferred", "list", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert usage(answer.stdout) == "Usage: python -m services.review deferred list"


def test_a_refused_grant_names_its_reason(stage: Callable[[Service], Stage]) -> None:
    given = stage(service).settings
    answer = nilai(
        *("grant", "--issuer", "https://id", "--subject", "a", "--role", "clerk"),
        MONGO_URI=given.mongo_uri,
        MONGO_DATABASE=given.mongo_database,
        OIDC_ISSUER="https://id",
        NILAI_KEYS=str(given.keys),
    )
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == "  The role clerk is held for an agency: name it."


@pytest.mark.parametrize(
    "words",
    [("recompute",), ("grant", "--role", "ministry"), ("audit", "intake", "verify"), ("prepare", "notify")],
    ids=" ".join,
)
def test_where_nothing_runs_every_command_says_so_and_what_to_do(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    copied(tmp_path)
    line = [sys.executable, "-m", "deploy.cli", *words]
    answer = subprocess.run(
        line, env={}, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "Error: Nothing runs: `make up` starts it; or name a database in MONGO_URI.\n"


def copied(folder: Path) -> None:
    """A checkout of its own, in which nothing runs."""
    for name in ("deploy", "shared", "services"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    away = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100"
    answer = nilai(
        "audit", "intake", "verify", MONGO_URI=away, OIDC_ISSUER="https://id", NILAI_KEYS=str(tmp_path)
    )
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith("The database or the broker refused: ServerSelectionTimeoutError")
