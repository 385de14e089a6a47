"""Write what RabbitMQ imports when it starts: everybody's user and rights, with hashes instead of passwords."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.compose.passwords import AMQP, INSIDE, file_name
from deploy.local.config import write
from deploy.local.rabbit import definitions
from shared.core.names import SERVICES

FILE = Path("/rights/definitions.json")


def passwords(folder: Path = INSIDE) -> dict[str, str]:
    """The password of the admin and of each service, as the secrets say."""
    found = {who: (folder / file_name(who, AMQP)).read_text().strip() for who in ("admin", *SERVICES)}
    return {who: unquote(urlsplit(address).password or "") for who, address in found.items()}


if __name__ == "__main__":
    write(FILE, json.dumps(definitions(passwords(), any_prefix=False), indent=1), 0o644)
    print("RabbitMQ imports its users when it starts.")
