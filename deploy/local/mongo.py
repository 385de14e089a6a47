"""A private MongoDB: one node as a replica set, with a keyfile and one user for each service."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import process
from deploy.local.config import CHECKOUT, HOME, SetupError, answers, held, preparer, user, write
from shared.core.names import SERVICES
from shared.storage import rights
from shared.storage.rights import Login

ROLE = "mongod"
WHEEL = HOME / "mongodb/fiftyone/db/bin/mongod"
_NOT_YET_INITIATED, _ALREADY_INITIATED = 94, 23
_AUTHENTICATION_FAILED = 18
_OF_THE_LOGIN = {"authsource", "authmechanism", "authmechanismproperties"}

Client = MongoClient[dict[str, Any]]


def uri(port: int, user: str, password: str) -> str:
    """The address of the embedded database for one user."""
    return f"mongodb://{user}:{quote(password)}@127.0.0.1:{port}/?replicaSet=nilai&authSource=admin"


def as_user(address: str, user: str, password: str) -> str:
    """The address of a database of the operator's own for another user, whom `make_users` made there."""
    parts = urlsplit(address)
    hosts = parts.netloc.rpartition("@")[2]
    options = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _OF_THE_LOGIN]
    query = urlencode([*options, ("authSource", "admin")])
    return urlunsplit((parts.scheme, f"{user}:{quote(password)}@{hosts}", "/", query, ""))


def start(home: Path, port: int, passwords: Mapping[str, str], supervisor: str | None = None) -> None:
    """Start mongod unless it runs or a living supervisor does that, and return when its users can work."""
    if not supervisor and not (process.find(home, ROLE) and answers(port)):
        process.end(home, ROLE)
        held(port)
        process.spawn(home, ROLE, command(home, port))
    process.wait(lambda: _answers(port), 60, home, ROLE, supervisor)
    if not _may_enter(port, passwords):
        _initiate(home, port, passwords["admin"])
    with _client(port, passwords["admin"]) as admin:
        _keep_address(admin, port)
        process.wait(lambda: _writable(admin), 60, home, ROLE)
        make_users(admin, passwords)


def stop(home: Path) -> None:
    """Stop mongod; its data stay."""
    process.end(home, ROLE)


def kill(home: Path) -> None:
    """Kill -9 mongod, as a crash would."""
    process.kill(home, ROLE)


def command(home: Path, port: int) -> list[str | Path]:
    """The command line of mongod; makes the folder and the keyfile that it needs."""
    data, key = home / "mongo/data", home / "mongo/keyfile"
    data.mkdir(parents=True, exist_ok=True)
    if not key.exists() or not key.stat().st_size:  # the only member needs no certain one
        write(key, token_hex(256), 0o400)
    server: list[str | Path] = [_program(), "--replSet", "nilai", "--keyFile", key, "--dbpath", data]
    network = ["--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"]
    limits = ["--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "1024"]
    # A killed client's transaction keeps its documents locked until its lifetime is over.
    parameters = {
        "transactionLifetimeLimitSeconds": 10,
        "shutdownTimeoutMillisForSignaledShutdown": 100,  # nobody else could become primary
        "diagnosticDataCollectionEnabled": "false",
    }
    settings = [part for name, value in parameters.items() for part in ("--setParameter", f"{name}={value}")]
    return server + network + limits + settings


def _program() -> str | Path:
    found = shutil.which("mongod")
    if not found and not WHEEL.exists():
        raise SetupError(
            f"There is no mongod on PATH and none in {WHEEL.relative_to(CHECKOUT)}; run `make setup`."
        )
    return found or WHEEL


def _client(port: int, password: str | None = None) -> Client:
    login = f"admin:{quote(password)}@" if password else ""
    return MongoClient(
        f"mongodb://{login}127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=2000"
    )


def _answers(port: int) -> bool:
    try:
        with _client(port) as client:
            return bool(client.admin.command("ping"))
    except PyMongoError:
        return False


def _may_enter(port: int, passwords: Mapping[str, str]) -> bool:
    try:
        with _client(port, passwords["admin"]) as admin:
            return bool(admin.admin.command("ping"))
    except OperationFailure as failure:
        if failure.code != _AUTHENTICATION_FAILED:
            raise
        return False


def _initiate(home: Path, port: int, password: str) -> None:
    """Found the replica set and its admin; allowed over loopback, while there is no user."""
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    with _client(port) as first:
        try:
            first.admin.command("replSetInitiate", {"_id": "nilai", "members": members})
        except OperationFailure as failure:
            if failure.code != _ALREADY_INITIATED:
                raise SetupError(
                    f"The data in {home / 'mongo'} belong to other passwords; move them away."
                ) from failure
        process.wait(lambda: _writable(first), 60, home, ROLE)
        first.admin.command("createUser", "admin", pwd=password, roles=["root"])


def _writable(client: Client) -> bool:
    return bool(client.admin.command("hello")["isWritablePrimary"])


def _keep_address(admin: Client, port: int) -> None:
    """Tell the replica set when its only member moved to another port."""
    try:
        config = admin.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code == _NOT_YET_INITIATED:
            return
        raise
    if config["members"][0]["host"] != f"127.0.0.1:{port}":
        config["members"][0]["host"] = f"127.0.0.1:{port}"
        config["version"] += 1
        admin.admin.command("replSetReconfig", config, force=True)


def make_users(admin: Client, passwords: Mapping[str, str]) -> None:
    """For each service one user who can do in its own database what it declares, and one who prepares that."""
    for service in SERVICES:
        logins = [Login(user(who), passwords[who]) for who in (service, preparer(service))]
        rights.make_users(admin, user(service), *logins)


def make_users_at(address: str, passwords: Mapping[str, str]) -> None:
    """Make the users in a database of the operator's own; SetupError when its address has no right to."""
    try:
        with Client(address, serverSelectionTimeoutMS=10000) as admin:
            make_users(admin, passwords)
    except OperationFailure as failure:
        raise SetupError(
            f"MONGO_URI must name a user who may make users and roles: {failure.details and failure.details['errmsg']}"
        ) from failure
    except PyMongoError as failure:
        raise SetupError(f"The database that MONGO_URI names does not answer: {failure}") from failure
