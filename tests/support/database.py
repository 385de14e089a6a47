"""A database of a test's own, with the users and rights that a service has in production."""

import shutil
from pathlib import Path
from secrets import token_urlsafe

from pymongo import MongoClient

from deploy.local.mongo import as_user
from deploy.local.servers import Servers
from shared.core.settings import Settings
from shared.service import Service
from shared.storage import rights
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.rights import Login


def make_database(admin_uri: str, name: str) -> dict[str, str]:
    """The variables by which a service and its `prepare` enter a new database; nobody else may enter it."""
    service, prepare = (Login(who, token_urlsafe(12)) for who in (name, f"{name}-prepare"))
    with MongoClient[Doc](admin_uri) as admin:
        rights.make_users(admin, name, service, prepare)
    return {
        "MONGO_URI": as_user(admin_uri, *service),
        "MONGO_ADMIN_URI": as_user(admin_uri, *prepare),
        "MONGO_DATABASE": name,
    }


def with_passwords_of(servers: Servers, home: Path) -> None:
    """Let an instance that is to use these servers know their users' passwords: each start sets them anew."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(servers.home / "passwords.json", home)


def drop_database(admin_uri: str, name: str) -> None:
    """Take a database away, with its users and their role."""
    with MongoClient[Doc](admin_uri) as admin:
        admin.drop_database(name)
        admin[name].command("dropAllRolesFromDatabase")
        for who in (name, f"{name}-prepare"):
            admin.admin.command("dropUser", who)


def owners_store(service: Service, of: Settings) -> Store:
    """A store with all rights in a service's database: to look, and to do what its own user must not be able to."""
    return Store(of.mongo_admin_uri, of.mongo_database, service.name)
