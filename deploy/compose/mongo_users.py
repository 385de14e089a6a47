"""Found the replica set and give everybody a user; again, it sets the passwords that the secrets say.

Runs beside mongod in its own network, since founding is allowed over loopback only.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from deploy.compose.passwords import INSIDE, MONGO, file_name
from deploy.local.config import preparer
from deploy.local.mongo import make_users
from shared.core.names import SERVICES

_AUTHENTICATION_FAILED, _ALREADY_INITIATED = 18, 23
_SECONDS = 60.0

Client = MongoClient[dict[str, Any]]


def addresses(folder: Path = INSIDE) -> dict[str, str]:
    """The address of the admin, of each service, and of who prepares its database, as the secrets say."""
    everybody = ("admin", *SERVICES, *map(preparer, SERVICES))
    return {who: (folder / file_name(who, MONGO)).read_text().strip() for who in everybody}


def make(addresses_of: Mapping[str, str], member: str) -> None:
    """Make the one-node set whose member is known as `member` (HOST:PORT), and its users."""
    admin, port = addresses_of["admin"], parse_uri(addresses_of["admin"])["nodelist"][0][1]
    if not _may_enter(admin):
        with _client(f"mongodb://127.0.0.1:{port}/?directConnection=true") as first:
            _found(first, member)
            first.admin.command("createUser", "admin", pwd=_password(admin), roles=["root"])
    with _client(admin) as client:
        _until(lambda: _writable(client), "the database to become writable")
        make_users(client, {who: _password(address) for who, address in addresses_of.items()})


def _found(first: Client, member: str) -> None:
    config = {"_id": "nilai", "members": [{"_id": 0, "host": member}]}
    try:
        first.admin.command("replSetInitiate", config)
    except OperationFailure as failure:
        if failure.code != _ALREADY_INITIATED:
            raise SystemExit(
                "The database has an admin with another password than deploy/secrets says: bring back the "
                f"secrets that belong to these data. ({failure.details and failure.details['errmsg']})"
            ) from failure
    _until(lambda: _writable(first), "the replica set to begin")


def _may_enter(admin: str) -> bool:
    with _client(admin) as client:
        try:
            return bool(client.admin.command("ping"))
        except OperationFailure as failure:
            if failure.code != _AUTHENTICATION_FAILED:
                raise
            return False


def _writable(client: Client) -> bool:
    return bool(client.admin.command("hello")["isWritablePrimary"])


def _password(address: str) -> str:
    return str(parse_uri(address)["password"])


@contextmanager
def _client(address: str) -> Iterator[Client]:
    with MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=int(_SECONDS * 1000)) as client:
        yield client


def _until(holds: Callable[[], bool], words: str) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {_SECONDS:.0f} s in vain for {words}.")
        time.sleep(0.1)


if __name__ == "__main__":
    make(addresses(), "mongo:27017")
    print("The database has its users.")
