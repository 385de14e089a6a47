"""The services' users at a broker, with their rights, made by its management API (RabbitMQ's own plugin)."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import urllib3
from kombu import Connection

from shared.core.errors import Conflict
from shared.messaging.broker.connection import ERRORS, connect
from shared.messaging.broker.rights import Rights

_TIMEOUT = urllib3.Timeout(connect=3, read=10)
_NOT_FOUND, _REFUSED = 404, 400


@dataclass(frozen=True)
class Management:
    """The management API at `url`, entered as the admin of `uri` for that address's virtual host."""

    url: str
    admin: Connection

    @classmethod
    def of(cls, url: str, admin_uri: str) -> Self:
        """The API at this address; with an empty one, at the usual port of the broker's host."""
        admin = connect(admin_uri)
        uses_tls = admin.transport_cls == "amqps"
        usual = f"https://{admin.hostname}:15671" if uses_tls else f"http://{admin.hostname}:15672"
        return cls((url or usual).rstrip("/"), admin)

    def answers(self) -> bool:
        """Whether it is there and lets the admin in."""
        try:
            self._ask("GET", "whoami")
        except Conflict:
            return False
        return True

    def set_user(self, uri: str, rights: Rights) -> None:
        """Make the user by whom this address enters, or give it this password and these rights.

        Conflict when the API refuses or is away, and for a user who is more than a service's.
        """
        entry = connect(uri)
        user, host = quote(entry.userid or "", safe=""), quote(self.admin.virtual_host or "/", safe="")
        if tags := (self._ask("GET", f"users/{user}") or {}).get("tags"):
            raise Conflict(
                f"The broker's user {entry.userid!r} has tags ({tags}): it cannot be a service's own."
            )
        self._ask("PUT", f"users/{user}", {"password": entry.password, "tags": ""})
        may = {"configure": "^$", "write": rights.write, "read": rights.read}
        self._ask("PUT", f"permissions/{host}/{user}", may)
        for exchange in rights.exchanges:
            topic = {"exchange": exchange, "write": rights.types, "read": "^$"}
            self._ask("PUT", f"topic-permissions/{host}/{user}", topic)

    def _ask(self, method: str, path: str, content: object = None) -> Any:
        login = b64encode(f"{self.admin.userid}:{self.admin.password}".encode()).decode()
        address = f"{self.url}/api/{path}"
        try:
            with urllib3.PoolManager(ca_certs=(self.admin.ssl or {}).get("ca_certs")) as pool:
                answer = pool.request(
                    method,
                    address,
                    json=content,
                    headers={"Authorization": f"Basic {login}"},
                    timeout=_TIMEOUT,
                    retries=False,
                    redirect=False,
                )
        except urllib3.exceptions.HTTPError as problem:
            raise Conflict(
                f"The broker's management API does not answer at {self.url} ({problem}). Turn it on (`rabbitmq-plugins "
                "enable rabbitmq_management`), or say where it is in AMQP_MANAGEMENT_URL."
            ) from problem
        if answer.status == _NOT_FOUND and method == "GET":
            return None
        if answer.status >= _REFUSED:
            raise Conflict(f"The broker refused {method} {address}: {answer.status} {answer.data[:300]!r}.")
        return answer.json() if answer.data else None


def check_login(uri: str) -> None:
    """Conflict, with what to do, when the broker does not let the user of this address in."""
    entry = connect(uri)
    try:
        with entry:
            entry.connect()
    except ERRORS as problem:
        raise Conflict(
            f"The broker does not let {entry.userid!r} in ({problem}). Set AMQP_MANAGEMENT_URL, so that `prepare` "
            "makes this user with its rights, or make it by hand as deploy/runbook.md says."
        ) from problem
