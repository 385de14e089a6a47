"""A file of an instance that is empty, damaged or gone is named, with what to do, or made anew if nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import layout, mongo, process, processes, rabbit, servers
from deploy.local.config import Ports, SetupError
from deploy.local.issuerkey import load_key


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An instance with data that does not run."""
    servers.found(tmp_path)
    layout.record(tmp_path)
    (tmp_path / "mongo/data").mkdir(parents=True)
    return tmp_path


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_text(""),
    "damaged": lambda file: file.write_text('{"admin": "a'),
    "no object": lambda file: file.write_text("[]"),
    "binary": lambda file: file.write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["passwords.json", "ports.json"])
def test_a_damaged_file_is_named_before_anything_starts(
    home: Path, name: str, damage: Callable[[Path], object]
) -> None:
    damage(home / name)
    with pytest.raises(SetupError, match=f"{home}/{name} is empty or damaged: put it back"):
        processes.up(home, Ports.free())
    assert process.find(home) == {}


def test_ports_of_nobody_are_named(home: Path) -> None:
    (home / "ports.json").write_text('{"fax": 1}')
    with pytest.raises(SetupError, match=r"ports\.json names a port that nobody here uses; remove it"):
        Ports.recorded(home)


def test_passwords_that_are_lost_are_not_made_anew_beside_data(home: Path) -> None:
    (home / "passwords.json").unlink()
    with pytest.raises(SetupError, match=f"passwords.json is lost or .* rm -r {home}/mongo {home}/passw"):
        processes.up(home, Ports.free())
    assert not (home / "passwords.json").exists()


def test_a_password_that_can_be_set_anew_is_made_and_the_admins_is_not(home: Path) -> None:
    (home / "passwords.json").write_text('{"admin": "a", "intake": "b", "review": ""}')
    found = servers.found(home).passwords
    assert (found["admin"], found["intake"], len(found["review"])) == ("a", "b", 32)
    (home / "passwords.json").write_text('{"intake": "b"}')
    with pytest.raises(SetupError, match="no password of the admin"):
        servers.found(home)


def test_an_empty_layout_is_named(home: Path) -> None:
    (home / "layout").write_text("")
    with pytest.raises(SetupError, match=f"{home}/layout is empty"):
        layout.require_current(home)


def test_an_empty_issuer_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("")
    with pytest.raises(SetupError, match=f"{tmp_path}/key.pem holds no elliptic curve key: delete it"):
        load_key(tmp_path)


def test_an_empty_keyfile_and_an_empty_cookie_are_made_anew(home: Path) -> None:
    for file in (home / "mongo/keyfile", home / "rabbitmq/.erlang.cookie"):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    mongo.command(home, 1)
    rabbit.write_folder(home, Ports(), {})
    assert (home / "mongo/keyfile").stat().st_size > 100
    assert (home / "rabbitmq/.erlang.cookie").stat().st_size > 20


def test_why_the_database_ended_is_said_by_its_error_and_not_by_its_last_line(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text(
        '{"s":"I","msg":"starting"}\n'
        '{"s":"E","msg":"WiredTiger error message","attr":{"error":2,"message":"WiredTiger.turtle: no such file"}}\n'
        '{"s":"F","msg":"***aborting after fassert() failure"}\n'
        '{"s":"I","msg":"now exiting"}\n'
    )
    assert process.last_line(log).startswith(
        '"WiredTiger error message","attr":{"error":2,"message":"WiredTiger.turtle'
    )
