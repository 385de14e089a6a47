"""`make containers` says the address once all are well, and who is not, from what docker tells."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from deploy.compose.containers import Container, read
from deploy.local.config import CHECKOUT

DOCKER = """#!/bin/sh
# Tells of two containers, one of which gets where its second argument says with each time that it is asked.
case "$1 $2" in
"compose version") exit 0 ;;
"compose --env-file") echo "$@" >>"$0.called" ;;
"ps -aq") echo one two ;;
"inspect -f")
    times=$(cat "$0.times" 2>/dev/null || echo 0)
    echo $((times + 1)) >"$0.times"
    echo '{"name":"/nilai_keys_1","state":"exited","code":0,"health":""}'
    sed -n "$((times + 1))p;\\$p" "$0.says" | head -n 1
    ;;
esac
"""
STARTING = '{"name":"/nilai_mongo_1","state":"running","code":0,"health":"starting"}'
HEALTHY = STARTING.replace("starting", "healthy")
DEAD = '{"name":"/nilai_mongo_1","state":"exited","code":3,"health":"unhealthy"}'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a docker of its own."""
    copytree(CHECKOUT / "deploy", tmp_path / "deploy", ignore=ignore_patterns("__pycache__", "secrets"))
    copytree(CHECKOUT / "shared", tmp_path / "shared", ignore=ignore_patterns("__pycache__"))
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    return tmp_path


def containers(checkout: Path, *says: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    (checkout / "bin/docker.says").write_text("\n".join(says) + "\n")
    env = {"PATH": f"{checkout / 'bin'}:/usr/bin:/bin", **environment}
    line = [sys.executable, "-m", "deploy.compose.containers"]
    return subprocess.run(line, cwd=checkout, env=env, capture_output=True, text=True, check=False)


def test_secrets_are_made_and_the_address_is_said_once_all_are_healthy(checkout: Path) -> None:
    done = containers(checkout, STARTING, HEALTHY, GATEWAY_PORT="8089")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Running: http://127.0.0.1:8089/" in done.stdout
    assert (checkout / "bin/docker.times").read_text() == "2\n"
    assert (checkout / "deploy/secrets/mongo-keyfile").exists()
    assert (checkout / "bin/docker.called").read_text().split()[2:] == [
        str(checkout / "deploy/compose/try.env"),
        *("up", "--build", "-d"),
    ]


def test_the_settings_of_the_installation_count_where_there_are_some(checkout: Path) -> None:
    (checkout / ".env").write_text("OIDC_ISSUER=https://id.example\nGATEWAY_PORT='8090'\n")
    done = containers(checkout, HEALTHY)
    assert "Running: http://127.0.0.1:8090/" in done.stdout
    assert str(checkout / ".env") in (checkout / "bin/docker.called").read_text()


def test_who_ended_with_an_error_is_named_at_once(checkout: Path) -> None:
    done = containers(checkout, STARTING, DEAD)
    assert (done.returncode, done.stderr) == (
        1,
        "make containers: nilai_mongo_1 ended with an error: `docker logs nilai_mongo_1` says why.\n",
    )


def test_without_docker_the_other_way_is_said(checkout: Path) -> None:
    (checkout / "bin/docker").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "deploy.compose.containers"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith(
        "make containers: There is no docker here: install Docker with Compose, or run `make up`"
    )


@pytest.mark.parametrize(
    ("state", "code", "health", "well", "lost"),
    [
        ("running", 0, "", True, False),
        ("running", 0, "unhealthy", False, False),
        ("exited", 0, "", True, False),
        ("exited", 137, "healthy", False, True),
        ("restarting", 1, "", False, False),
        ("created", 0, "", False, False),
    ],
)
def test_a_container_is_well_when_it_runs_healthily_or_has_done_its_work(
    state: str, code: int, health: str, well: bool, lost: bool
) -> None:
    container = Container("/x", state, code, health)
    assert (container.is_well, container.is_lost) == (well, lost)


def test_settings_are_read_as_compose_reads_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment=1\n\nA=1\nB='two words'\n C = \"3\"\nnothing\n")
    assert read(tmp_path / ".env") == {"A": "1", "B": "two words", "C": "3"}
