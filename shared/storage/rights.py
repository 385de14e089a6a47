"""What a service's own database user may do with each collection, and the users that a service has.

The service's user holds the role ROLE of the service's database and nothing else. `make_users` makes it, empty, with
the users, for whoever has the rights of an admin; `grant`, which `prepare` runs as a user of its own, fills it from
what the service declares beside its indexes.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pymongo import MongoClient
from pymongo.database import Database

from shared.storage.reader import Doc

ROLE = "nilai_service"

Right = tuple[str, ...]
Actions = Mapping[str, frozenset[str]]
APPEND: Right = ("find", "insert")
"""Rows that stand for ever: whoever steals the service's password can neither change nor remove them."""
CHANGE: Right = (*APPEND, "update")
"""What a collection allows when nothing is declared of it."""
DELETE: Right = (*CHANGE, "remove")
REPLICA = DELETE
"""Copies of another service's data, which are made anew from its journal when they are wrong."""
PURGE: Right = (*APPEND, "remove")
"""Rows that never change, and go when nobody needs them any more."""


class Login(NamedTuple):
    """A user of the database."""

    name: str
    password: str


def grant(db: Database[Doc], collections: Iterable[str], rights: Mapping[str, Right]) -> None:
    """Let ROLE do exactly this with these collections; needs the rights of the database's owner.

    What it may do already it may do throughout: whoever holds it goes on working.
    """
    wanted = {name: frozenset(rights.get(name, CHANGE)) for name in collections}
    held = _held(db)
    if held is None:
        db.command("createRole", ROLE, privileges=_privileges(db, wanted, {}), roles=[])
        return
    if missing := _privileges(db, wanted, held):
        db.command("grantPrivilegesToRole", ROLE, privileges=missing)
    if surplus := _privileges(db, held, wanted):
        db.command("revokePrivilegesFromRole", ROLE, privileges=surplus)


def make_users(admin: MongoClient[Any], database: str, service: Login, prepare: Login) -> None:
    """Make the user of a service and the one that prepares its database, with these passwords; again is harmless."""
    if _held(admin[database]) is None:
        grant(admin[database], (), {})
    _set_user(admin, service, {"role": ROLE, "db": database})
    _set_user(admin, prepare, {"role": "dbOwner", "db": database})


def _held(db: Database[Any]) -> Actions | None:
    """What ROLE may do with each collection, or None where there is no such role."""
    roles = db.command("rolesInfo", ROLE, showPrivileges=True)["roles"]
    if not roles:
        return None
    return {one["resource"]["collection"]: frozenset(one["actions"]) for one in roles[0]["privileges"]}


def _privileges(db: Database[Any], some: Actions, without: Actions) -> list[Doc]:
    """The privileges, as MongoDB writes them, that are in the first and not in the second."""
    left = {name: actions - without.get(name, frozenset()) for name, actions in some.items()}
    return [
        {"resource": {"db": db.name, "collection": name}, "actions": sorted(actions)}
        for name, actions in left.items()
        if actions
    ]


def _set_user(admin: MongoClient[Any], login: Login, role: Doc) -> None:
    known = admin.admin.command("usersInfo", login.name)["users"]
    command = "updateUser" if known else "createUser"
    admin.admin.command(command, login.name, pwd=login.password, roles=[role])
