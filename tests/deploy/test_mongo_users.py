"""A new database gets its replica set and its users, and a changed password counts after the next start."""

import subprocess
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.compose import mongo_users
from deploy.compose.passwords import make
from deploy.compose.rabbitmq_users import passwords
from deploy.local import mongo
from deploy.local.config import Ports, preparer, user
from deploy.local.servers import Servers
from shared.core.names import SERVICES
from shared.core.settings import load
from shared.storage.reader import Doc
from tests.support.rights import CALLS, READING_AND_ADDING, refused


@pytest.fixture(scope="module")
def port(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a new mongod that nobody has entered; `servers` made sure that the program is there."""
    home, port = tmp_path_factory.mktemp("mongo"), Ports.free().mongo
    (home / "data").mkdir()
    (home / "keyfile").write_text("k" * 64)
    (home / "keyfile").chmod(0o400)
    with (home / "log").open("wb") as log:
        command = [
            mongo._program(),
            "--replSet",
            "nilai",
            "--keyFile",
            home / "keyfile",
            "--dbpath",
            home / "data",
        ]
        options = [
            "--bind_ip",
            "127.0.0.1",
            "--port",
            str(port),
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            "0.25",
        ]
        with subprocess.Popen([*command, *options], stdout=log, stderr=log) as running:
            yield port
            running.kill()


def addresses(folder: Path, port: int) -> dict[str, str]:
    """The addresses of the secrets in a folder, leading to this mongod."""
    told = mongo_users.addresses(folder)
    return {
        who: text.replace("@mongo:27017", f"@127.0.0.1:{port}").replace(":27017", f":{port}")
        for who, text in told.items()
    }


def prepare(service: str, told: Mapping[str, str], keys: Path) -> None:
    """What the container of that name does, with the broker left out."""
    env = {
        "MONGO_URI": told[service],
        "MONGO_ADMIN_URI": told[preparer(service)],
        "NILAI_KEYS": str(keys),
        "OIDC_ISSUER": "https://id.example",
    }
    import_module(f"services.{service}.app").service.make_ready(load(service, env))


def enters(address: str, database: str) -> bool:
    with MongoClient[Doc](address, serverSelectionTimeoutMS=20000) as client:
        try:
            client[database]["heads"].insert_one({})
        except OperationFailure:
            return False
    return True


def test_users_are_made_kept_and_given_new_passwords(port: int, tmp_path: Path, key_folder: Path) -> None:
    folder = tmp_path / "secrets"
    make(folder)
    told = addresses(folder, port)
    for _ in range(2):
        mongo_users.make(told, f"127.0.0.1:{port}")
        for service in SERVICES:
            prepare(service, told, key_folder)
        rights = {(who, whose): enters(told[who], user(whose)) for who in SERVICES for whose in SERVICES}
        assert rights == {(who, whose): who == whose for who in SERVICES for whose in SERVICES}
    for service in SERVICES:
        with MongoClient[Doc](told[service]) as client:
            assert refused(client[user(service)], "audit") == CALLS.keys() - READING_AND_ADDING

    (folder / "review-mongo").unlink()
    assert make(folder) == ["review-mongo"]
    renewed = addresses(folder, port)
    mongo_users.make(renewed, f"127.0.0.1:{port}")
    assert enters(renewed["review"], "nilai_review")
    assert not enters(told["review"], "nilai_review")

    strange = {**renewed, "admin": addresses(_other(tmp_path), port)["admin"]}
    with pytest.raises(SystemExit, match="another password"):
        mongo_users.make(strange, f"127.0.0.1:{port}")


def _other(tmp_path: Path) -> Path:
    make(tmp_path / "other")
    return tmp_path / "other"


def test_secrets_are_made_once_behind_a_closed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = make(folder)
    before = {name: (folder / name).read_text() for name in made}
    assert make(folder) == []
    assert {one.name: one.read_text() for one in folder.iterdir()} == before
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o644}
    assert len(set(passwords(folder).values())) == len(SERVICES) + 1
