"""Instances run beside each other, end only what is theirs, and leave nothing behind when they fail."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from kombu import Connection
from pymongo import MongoClient

from deploy.local import mongo, process, processes, servers
from deploy.local.config import TEST_HOME, Ports, SetupError, listens
from deploy.local.servers import Servers, with_servers
from tests.support.database import with_passwords_of

Client = MongoClient[dict[str, object]]


@pytest.fixture(autouse=True)
def no_ports_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have chosen ports for a system of their own."""
    for field in fields(Ports):
        monkeypatch.delenv(f"NILAI_{field.name.upper()}_PORT", raising=False)


@pytest.fixture(scope="module")
def other(servers: Servers) -> Iterator[Servers]:
    """A second instance beside the one of all tests, whose programs need not run to keep their ports."""
    first = set(vars(servers.ports).values())
    ports = next(ports for ports in iter(Ports.free, None) if not first & set(vars(ports).values()))
    with with_servers(TEST_HOME / "other", ports, keep_data=False) as running:
        yield running


def test_a_second_instance_has_nothing_in_common_with_the_first(servers: Servers, other: Servers) -> None:
    assert not set(vars(servers.ports).values()) & set(vars(other.ports).values())
    assert not set(process.find(servers.home)) & set(process.find(other.home))
    with Client(other.mongo_admin_uri) as client:
        assert not [name for name in client.list_database_names() if name not in ("admin", "config", "local")]


def test_who_comes_later_finds_what_runs_and_leaves_it_running(other: Servers) -> None:
    before = heads(other)
    with with_servers(other.home) as found:
        assert found == other
    assert heads(other) == before


def test_a_killed_broker_comes_back_with_its_queues(servers: Servers, other: Servers) -> None:
    first = heads(servers)
    with Connection(other.amqp_admin_uri) as connection:
        arguments = {"x-queue-type": "quorum"}
        connection.channel().queue_declare("kept", durable=True, auto_delete=False, arguments=arguments)
    kill_and_start(other)
    with Connection(other.amqp_admin_uri) as connection:
        assert connection.channel().queue_declare("kept", passive=True).queue == "kept"
    assert heads(servers) == first


def test_a_broker_that_crashed_alone_is_started_again_at_once(other: Servers) -> None:
    node = next(pid for pid in process.find(other.home, "rabbitmq") if "beam" in program(pid))
    os.kill(node, signal.SIGKILL)
    servers.start_broker(other.home)
    with Connection(other.amqp_admin_uri) as connection:
        assert connection.connect()
    assert node not in process.find(other.home)


def program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


def heads(instance: Servers) -> dict[int, str]:
    """The database and the broker of an instance, without the helpers that a broker starts now and then."""
    named = {pid: program(pid) for pid in process.find(instance.home)}
    return {pid: name for pid, name in named.items() if name in {"mongod", "beam.smp"}}


def kill_and_start(other: Servers) -> None:
    servers.kill_broker(other.home)
    assert not listens(other.ports.amqp)
    servers.start_broker(other.home)


def test_data_outlive_a_stop_and_move_to_other_ports(
    other: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URI", other.amqp_admin_uri)
    home = tmp_path / "moved"
    with_passwords_of(other, home)
    with with_servers(home) as first, Client(first.mongo_admin_uri) as client:
        client["nilai_intake"]["kept"].insert_one({"_id": 1})
    assert process.find(home) == {}
    with with_servers(home, Ports.free()) as second, Client(second.mongo_admin_uri) as client:
        assert second.ports.mongo != first.ports.mongo
        assert client["nilai_intake"]["kept"].find_one() == {"_id": 1}


@pytest.mark.parametrize("name", ["mongo", "amqp", "epmd", "dist"])
def test_a_taken_port_is_named_and_nothing_stays_running(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"Port {port} is taken.*NILAI_{name.upper()}_PORT"):
            servers.start(tmp_path, replace(Ports.free(), **{name: port}))
    assert process.find(tmp_path) == {}


def test_a_process_without_the_tag_is_never_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        process.spawn(tmp_path, "mine", [sys.executable, "-c", "import signal; signal.pause()"])
        process.wait(lambda: bool(process.find(tmp_path, "mine")), 10, tmp_path, "mine")
        process.end(tmp_path)
        assert process.find(tmp_path) == {}
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_a_process_that_does_not_listen_to_reason_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    log = process.spawn(tmp_path, "deaf", [sys.executable, "-c", deaf])
    process.wait(lambda: "deaf" in log.read_text(), 10, tmp_path, "deaf")
    process.end(tmp_path, grace=0.2)
    assert process.find(tmp_path) == {}


def test_a_start_that_dies_says_its_last_words_and_where_the_log_is(tmp_path: Path) -> None:
    log = process.spawn(tmp_path, "sick", [sys.executable, "-c", "raise SystemExit('cannot read the map')"])
    with pytest.raises(SetupError, match="cannot read the map") as raised:
        process.wait(lambda: False, 10, tmp_path, "sick")
    assert str(log) in str(raised.value)


def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NILAI_AMQP_PORT", "many")
    monkeypatch.setenv("NILAI_EPMD_PORT", "70000")
    with pytest.raises(SetupError, match="NILAI_AMQP_PORT and NILAI_EPMD_PORT"):
        Ports.chosen()


def test_two_programs_with_one_port_are_refused_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NILAI_INTAKE_PORT", "8102")
    monkeypatch.setenv("NILAI_AMQP_PORT", "9000")
    monkeypatch.setenv("NILAI_EPMD_PORT", "9000")
    with pytest.raises(SetupError) as refused:
        Ports.chosen()
    assert "NILAI_AMQP_PORT and NILAI_EPMD_PORT are the same port 9000" in str(refused.value)
    assert "NILAI_INTAKE_PORT and NILAI_REVIEW_PORT are the same port 8102" in str(refused.value)


def test_servers_of_the_users_own_are_used_and_none_is_started(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MONGO_URI", servers.mongo_admin_uri)
    monkeypatch.setenv("AMQP_URI", servers.amqp_admin_uri)
    with_passwords_of(servers, tmp_path / "none")
    with with_servers(tmp_path / "none") as found:
        for address, name in (
            (found.service_env("intake")["MONGO_URI"], "nilai_intake"),
            (found.prepare_env("intake")["MONGO_ADMIN_URI"], "nilai_intake-prepare"),
        ):
            assert address != servers.mongo_admin_uri
            with Client(address) as client:
                entered = client["nilai_intake"].command("connectionStatus")["authInfo"]
            assert [user["user"] for user in entered["authenticatedUsers"]] == [name]
        assert found.amqp_admin_uri == servers.amqp_admin_uri
        with Connection(found.service_env("intake")["AMQP_URI"]) as connection:
            assert connection.connection.connected
            assert connection.userid == "nilai_intake"
        assert process.find(found.home) == {}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100", "does not answer"),
        ("", "must name a user who may make users and roles"),
    ],
)
def test_a_database_of_the_users_own_that_lets_nobody_make_users_is_refused_in_a_sentence(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, said: str
) -> None:
    monkeypatch.setenv("MONGO_URI", address or servers.service_env("intake")["MONGO_URI"])
    monkeypatch.setenv("AMQP_URI", servers.amqp_admin_uri)
    with pytest.raises(SetupError, match=said), with_servers(tmp_path / "none"):
        pass


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "mongodb://a:b@h:1,i:2/db?replicaSet=r&authSource=db",
            "mongodb://n:p%40@h:1,i:2/?replicaSet=r&authSource=admin",
        ),
        (
            "mongodb+srv://h/?tls=true&authMechanism=SCRAM-SHA-1",
            "mongodb+srv://n:p%40@h/?tls=true&authSource=admin",
        ),
        ("mongodb://h", "mongodb://n:p%40@h/?authSource=admin"),
    ],
)
def test_an_address_of_the_users_own_is_kept_for_every_user_but_for_the_login(
    given: str, expected: str
) -> None:
    assert mongo.as_user(given, "n", "p@") == expected


def test_all_taken_ports_are_named_at_once_and_those_chosen_instead_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = replace(Ports.free(), issuer=one.getsockname()[1], scoring_worker=other.getsockname()[1])
        with pytest.raises(SetupError, match=r"NILAI_ISSUER_PORT=… NILAI_SCORING_WORKER_PORT=… before"):
            processes.up(tmp_path, ports)
    assert process.find(tmp_path) == {}
    monkeypatch.setenv("NILAI_ISSUER_PORT", "8200")
    monkeypatch.setenv("NILAI_MONGO_PORT", "")
    chosen = Ports.chosen(replace(ports, mongo=27200))
    assert (chosen.issuer, chosen.mongo, chosen.intake) == (8200, 27200, ports.intake)


def test_a_command_gets_what_the_running_worker_has_and_nothing_while_it_is_down(
    servers: Servers, tmp_path: Path
) -> None:
    with_passwords_of(servers, tmp_path)
    assert processes.environment_of("intake", tmp_path) == {}
    given = {"MONGO_URI": "mongodb://there", "AMQP_URI": "amqp://nilai_intake@there"}
    process.spawn(
        tmp_path,
        "intake-worker",
        [sys.executable, "-c", "import signal; signal.pause()"],
        given | {"EMPTY": ""},
    )
    process.wait(lambda: bool(process.find(tmp_path, "intake-worker")), 10, tmp_path, "intake-worker")
    found = processes.environment_of("intake", tmp_path)
    process.end(tmp_path)
    assert found.items() >= {**given, "EMPTY": ""}.items()
    assert not {name for name in found if name.startswith("NILAI_")}
