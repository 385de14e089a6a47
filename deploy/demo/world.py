"""HTTP as users speak it: people with tokens at the doors of the four services."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import jwt
import urllib3
from urllib3.exceptions import HTTPError

from deploy.local.tokens import fetch

T = TypeVar("T")

SECONDS = 60.0
LOOK = "Do all workers run (`nilai status`)? Has one given something up (`nilai deferred SERVICE list`)?"


class DemoError(Exception):
    """Why the round cannot go on, in a sentence that says where to look."""


class Refused(DemoError):
    """A door answered with a problem."""

    def __init__(self, where: str, status: int, code: str, words: str) -> None:
        super().__init__(f"{where} answered {status} {code}: {words}")
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Addresses:
    """Where each service and the issuer answer, without a path."""

    intake: str
    review: str
    scoring: str
    notify: str
    issuer: str

    def door(self, service: str, path: str) -> str:
        """The address of a route of a service."""
        return f"{getattr(self, service).rstrip('/')}/{service}/api/v1{path}"


@dataclass(frozen=True)
class Answer:
    """What a door answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class Traffic:
    """How many requests went where, counted by every thread."""

    requests: Counter[str] = field(default_factory=Counter)
    bytes_sent: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def count(self, service: str, sent: int) -> None:
        """Count one request with a body of so many bytes."""
        with self._lock:
            self.requests[service] += 1
            self.bytes_sent[service] += sent


class World:
    """The system as it is reached from outside."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self.traffic = Traffic()
        again = urllib3.Retry(total=4, status_forcelist=(503,), allowed_methods=None, raise_on_status=False)
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=32, retries=again, timeout=30.0)
        self._people: dict[str, Person] = {}

    def as_(self, name: str) -> "Person":
        """Somebody whom the issuer knows by that name."""
        if name not in self._people:
            self._people[name] = Person(self, fetch(name, self.addresses.issuer))
        return self._people[name]

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """One request; DemoError when nobody answers."""
        try:
            answer = self._pool.request(method, url, body=body, headers=dict(headers), redirect=False)
        except HTTPError as problem:
            raise DemoError(
                f"{method} {url}: nobody answers ({problem}). Does it run? Try `nilai status`."
            ) from problem
        return Answer(answer.status, answer.headers, answer.data)


class Person:
    """Somebody with a token."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    @cached_property
    def identity(self) -> dict[str, str]:
        """The issuer's and the person's name, as they stand in the token."""
        claims = jwt.decode(self._token, options={"verify_signature": False})
        return {"issuer": claims["iss"], "subject": claims["sub"]}

    @property
    def authorization(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self._token}"}

    def ask(self, method: str, service: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request to a service; underscores in the names of headers stand for hyphens.

        Bytes are sent as they are, anything else as JSON. Raises Refused for any answer but 2xx.
        """
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        answer = self.fetch(method, self.url(service, path), raw, headers)
        self.count(service, len(raw or b""))
        if not 200 <= answer.status < 300:
            raise _refusal(f"{method} {service} {path}", answer)
        return answer

    def fetch(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request to an address that was handed out, whatever its answer."""
        sent = {"Content-Type": "application/json", "Accept": "application/json"}
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        return self._world.send(method, url, sent | self.authorization, body)

    def url(self, service: str, path: str) -> str:
        """The address of a route of a service, for a client of its own."""
        return self._world.addresses.door(service, path)

    def count(self, service: str, sent: int) -> None:
        """Count a request of so many bytes that a client of its own sent."""
        self._world.traffic.count(service, sent)

    def get(self, service: str, path: str) -> Any:
        """What stands at a path."""
        return self.ask("GET", service, path).json

    def pages(self, service: str, path: str) -> list[Any]:
        """All rows of a list."""
        rows, join = [], "&" if "?" in path else "?"
        page = self.get(service, f"{path}{join}limit=200")
        rows += page["items"]
        while page["next"] is not None:
            page = self.get(service, f"{path}{join}limit=200&after={page['next']}")
            rows += page["items"]
        return rows

    def put(self, service: str, path: str, body: Any) -> Any:
        """Set something; what is so already stays, what is otherwise is changed as it stands now."""
        try:
            return self.ask("PUT", service, path, body).json
        except Refused as refused:
            if refused.status != 428:
                raise
        seen = self.ask("GET", service, path).headers["ETag"]
        return self.ask("PUT", service, path, body, If_Match=seen).json

    def post(self, service: str, path: str, body: Any = None, **headers: str) -> Any:
        """Do something."""
        return self.ask("POST", service, path, {} if body is None else body, **headers).json


def until(what: str, look: Callable[[], T | None], seconds: float = SECONDS) -> T:
    """What `look` finds as soon as it finds something; DemoError that says what did not come in time."""
    end, pause = time.monotonic() + seconds, 0.02
    while not (found := look()):
        if time.monotonic() > end:
            raise DemoError(f"After {seconds:.0f} s still waiting: {what}. {LOOK}")
        time.sleep(pause := min(1.5 * pause, 0.25))
    return found


def accepted(what: str, codes: tuple[str, ...], attempt: Callable[[], T]) -> T:
    """What an attempt gives once no code of these refuses it any more: an event may still be on its way."""

    def look() -> list[T] | None:
        try:
            return [attempt()]
        except Refused as refused:
            if refused.code not in codes:
                raise
        return None

    return until(what, look)[0]


def _refusal(where: str, answer: Answer) -> Refused:
    try:
        problem = answer.json
        words = problem["detail"] + "".join(f" {error}" for error in problem.get("errors", []))
        return Refused(where, answer.status, problem["code"], words)
    except (ValueError, KeyError, TypeError):
        return Refused(where, answer.status, "", answer.body[:200].decode(errors="replace"))
