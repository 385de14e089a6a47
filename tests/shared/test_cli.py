"""The command `nilai`: what it says of itself, and how it ends when it cannot do what it is asked."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import OF_ANY_SERVICE, OF_ONE_SERVICE, OWN, main
from shared.core.settings import Settings


@pytest.mark.parametrize("name", [*OWN, *OF_ANY_SERVICE])
def test_every_command_says_what_it_does(name: str) -> None:
    answer = CliRunner().invoke(main, [name, "--help"])
    assert (answer.exit_code, answer.output.split()[:3]) == (0, ["Usage:", "nilai", name])


def nilai(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "deploy.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


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


def test_a_refused_grant_names_its_reason(settings_of: Callable[..., Settings]) -> None:
    given = settings_of("intake")
    answer = nilai(
        *("grant", "--issuer", "http://id", "--subject", "a", "--role", "clerk"),
        MONGO_URI=given.mongo_uri,
        MONGO_DATABASE=given.mongo_database,
        OIDC_ISSUER="http://id",
        NILAI_KEYS=str(given.keys),
    )
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == "  The role clerk is held for an agency: name it."


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    away = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100"
    answer = nilai(
        "audit", "intake", "verify", MONGO_URI=away, OIDC_ISSUER="http://id", NILAI_KEYS=str(tmp_path)
    )
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith("The database or the broker refused: ServerSelectionTimeoutError")
