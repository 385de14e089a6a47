"""Everybody's password at the servers of one instance."""

import json
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe

from deploy.local import layout, process
from deploy.local.config import SetupError, preparer, read_json, write
from shared.core.names import SERVICES


def passwords_of(home: Path) -> Mapping[str, str]:
    """The passwords of an instance; those that it does not have yet are made, but the admin's only without data."""
    file = home / "passwords.json"
    known: dict[str, str] = read_json(file) or {}
    if not known.get("admin") and (layout.data(home) or process.find(home)):
        all_of_it = " ".join(map(str, [*layout.data(home), file]))
        raise SetupError(
            f"{file} is lost or holds no password of the admin, and nobody can enter the data without it. "
            f"Put it back; or begin anew: make down; rm -r {all_of_it}"
        )
    wanted = ("admin", *SERVICES, *map(preparer, SERVICES))
    made = {name: token_urlsafe(24) for name in wanted if not known.get(name)}
    if made:
        write(file, json.dumps(known | made))
    return known | made
