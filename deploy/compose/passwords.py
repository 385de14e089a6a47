"""`make secrets`: the passwords of one installation as files, made once (standard library only).

Compose puts single files into containers, whose users are not this machine's. So the files can be read by
everybody, and the folder around them lets nobody in but its owner.
"""

from pathlib import Path
from secrets import token_hex, token_urlsafe

from deploy.local.config import CHECKOUT, preparer, user, write
from shared.core.names import SERVICES

FOLDER = CHECKOUT / "deploy/secrets"
INSIDE = Path("/run/secrets")
MONGO, AMQP = "mongo", "amqp"
OIDC = "intake-oidc"
"""The file with intake's secret at the identity provider."""


def file_name(who: str, server: str) -> str:
    """The name of the file with the address under which somebody enters a server."""
    return f"{who}-{server}"


def address(who: str, server: str) -> str:
    """An address with a new password."""
    login = f"{user(who)}:{token_urlsafe(24)}"
    if server == AMQP:
        return f"amqp://{login}@rabbitmq:5672//"
    if who == "admin":
        return f"mongodb://{login}@127.0.0.1:27017/?directConnection=true&authSource=admin"
    return f"mongodb://{login}@mongo:27017/?replicaSet=nilai&authSource=admin"


def make(folder: Path = FOLDER) -> list[str]:
    """Make the files that are not there yet; gives their names."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    wanted = {
        file_name(who, server): address(who, server)
        for who in ("admin", *SERVICES)
        for server in (MONGO, AMQP)
    }
    wanted |= {file_name(who, MONGO): address(who, MONGO) for who in map(preparer, SERVICES)}
    wanted["mongo-keyfile"] = token_hex(256)
    wanted[OIDC] = ""  # which the identity provider gives, and its operator writes here
    made = [name for name in wanted if not (folder / name).exists()]
    for name in made:
        write(folder / name, wanted[name] + "\n")
        (folder / name).chmod(0o644)
    return made


if __name__ == "__main__":
    print(f"{len(make())} secrets made in {FOLDER.relative_to(CHECKOUT)}; those that were there stay.")
