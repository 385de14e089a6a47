"""A service on a stage: its own database and queues, requests with tokens, events in, events out."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from shared.core.ids import new_id, utcnow
from shared.core.people import Caller, Grant
from shared.core.settings import Settings
from shared.events import Envelope, contract_of, contracts, decode
from shared.jobs.runner import Runner
from shared.messaging import inbox, retries
from shared.messaging.inbox import IncomingEvent
from shared.messaging.outbox import Relay
from shared.replicas import members
from shared.service import Service, resolve
from shared.storage import preparation
from shared.storage.counters import COUNTERS
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.rights import Right
from shared.storage.transaction import Origin
from shared.web import create_app
from shared.worker import Worker
from tests.support import truth
from tests.support.database import owners_store
from tests.waiting import until

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
T = TypeVar("T")

Mint = Callable[[str], str]
_granted: dict[str, tuple[Mapping[str, Right], frozenset[str]]] = {}
"""Which rights, with which collections, the user of each database of this process has."""


class Requests:
    """A web client that sends a token of one person with every request, and holds answers against openapi.json."""

    def __init__(
        self, client: FlaskClient, token: str | None, after_bytes: Callable[[], object] = lambda: None
    ) -> None:
        self._client = client
        self._app = client.application
        self._after_bytes = after_bytes
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __getattr__(self, method: str) -> Callable[..., TestResponse]:
        send = getattr(self._client, method)

        def request(path: str, headers: Mapping[str, str] | None = None, **options: Any) -> TestResponse:
            answer: TestResponse = send(path, headers={**self._headers, **(headers or {})}, **options)
            truth.check(self._app, answer)
            if method == "patch":
                self._after_bytes()
            return answer

        return request


class Stage:
    """One service under test, on a database and a queue prefix that nobody else uses.

    `store` has the rights that the service declares, as in production; `db` has all: to look, and to meddle.
    """

    def __init__(
        self, service: Service, settings: Settings, mint: Mint, beside: "Stage | None" = None
    ) -> None:
        self.service = service
        self.settings = settings
        self.store: Store = beside.store if beside else service.store(settings)
        self.owner: Store = beside.owner if beside else owners_store(service, settings)
        self.handlers = resolve(service.handlers, settings)
        self.jobs = service.kinds(settings)
        self._mint = mint
        self._whole_run: Stage = beside._whole_run if beside and beside.service is service else self
        self._apps: list[tuple[Settings, flask.Flask]] = []
        self.worker_away = False
        self._app: flask.Flask | None = None
        self._sequences: dict[str, int] = {}

    def prepare(self) -> None:
        """Make collections and indexes, as `prepare` does, give the service its rights, and begin empty."""
        preparation.prepare(self.db, self.service.indexes)
        self.grant(self.service)
        self.empty()

    def grant(self, service: Service) -> None:
        """Give the database's user the rights that a service declares, unless it has them."""
        wanted = (dict(service.rights), frozenset(service.indexes))
        if _granted.get(self.db.name) != wanted:
            service.grant(self.owner)
            _granted[self.db.name] = wanted

    def close(self) -> None:
        """Give the connections to the database back, whoever shares them."""
        self.store.close()
        self.owner.close()

    @property
    def db(self) -> Database[Doc]:
        """The service's database for its owner, who may do everything."""
        return self.owner.db

    @property
    def app(self) -> flask.Flask:
        """The web application: that of the whole test run for these settings, since making one takes long."""
        if self._app is None:
            known = (app for settings, app in self._whole_run._apps if settings == self.settings)
            self._app = next(known, None) or self._make_app()
            if self._whole_run is not self and self.settings == self._whole_run.settings:
                until(self._can_check_tokens)
        return self._app

    def _make_app(self) -> flask.Flask:
        blueprints = self.service.doors(self.settings, self.store)
        app = create_app(self.service.name, self.settings, self.store, blueprints)
        self._whole_run._apps.append((self.settings, app))
        return app

    def set(self, settings: Settings) -> None:
        """Go on with other settings, and so with a web application of its own."""
        self.settings, self._app = settings, None

    def _can_check_tokens(self) -> bool:
        # A busy machine may need longer for the first fetch of keys than any request waits for it.
        return self.as_("anybody").get(f"/{self.service.name}/token").status_code != 503

    def as_(self, name: str | None) -> Requests:
        """A client whose requests carry a token of that subject; None sends none."""
        return Requests(self.app.test_client(), self._mint(name) if name else None, self._work_beside)

    def _work_beside(self) -> None:
        """Inspect what has come, as a worker beside the web would, unless it is away."""
        if self.jobs and not self.worker_away:
            self.run_jobs()

    def person(self, name: str, role: str, agency: str | None = None) -> Caller:
        """Make somebody known here, as an event would, and give the caller that its token leads to."""
        grant = {"role": role, "agency": agency, "since": LONG_AGO, "until": None}
        doc = members.person_doc(f"p-{name}", self.settings.oidc_issuer, name, [grant])
        self.db["people"].replace_one({"_id": doc["_id"]}, {**doc, "sequence": 0, "rev": 1}, upsert=True)
        return Caller(self.settings.oidc_issuer, name, doc["_id"], (Grant(role, agency),))

    def run(
        self,
        command: Callable[..., T],
        *args: Any,
        caller: Caller | None = None,
        at: datetime | None = None,
        correlation: str | None = None,
        **options: Any,
    ) -> T:
        """Run a command as a view would, in somebody's name, at a moment, within a journey."""
        return self.store.run(command, *args, origin=Origin(caller, correlation, at), **options)

    def envelope(self, subject: str, event: Any, **changes: Any) -> Envelope:
        """The next event about a subject, as its producer would publish it."""
        sequence = self._sequences[subject] = self._sequences.get(subject, 0) + 1
        contract = contract_of(event)
        envelope = Envelope(
            id=new_id(),
            source=f"/nilai/{contract.producer}",
            type=contract.type,
            subject=subject,
            time=utcnow(),
            sequence=sequence,
            correlation=new_id(),
            causation=None,
            trace=None,
            event=event,
        )
        return dataclasses.replace(envelope, **changes)

    def consume(self, subject: str, event: Any, **changes: Any) -> str:
        """Have the service handle one event now; gives its outcome."""
        envelope = self.envelope(subject, event, **changes)
        return self.consume_all(envelope)[envelope.id]

    def consume_all(self, *envelopes: Envelope) -> dict[str, str]:
        """Have the service handle a batch of events in one transaction; gives their outcomes by id."""
        return self._handle([IncomingEvent(one) for one in envelopes])

    def _handle(self, events: Sequence[IncomingEvent]) -> dict[str, str]:
        outcomes = inbox.handle(self.store, self.handlers, events)
        return {event.envelope.id: outcomes[event.envelope.key] for event in events}

    def wake(self) -> dict[str, str]:
        """Handle the deferred events that are due or whose subject changed."""
        outcomes: dict[str, str] = {}
        retries.retry_due(
            self.store,
            self.handlers,
            lambda events: outcomes.update(self._handle(events)),
        )
        return outcomes

    def published(self, kind: type[T]) -> list[T]:
        """Every event of one class that this service has published, oldest first, as a consumer reads it."""
        rows = self.db["outbox"].find({"type": _type_of(kind)}).sort([("at", 1), ("_id", 1)])
        return [decode(bytes(row["body"])).event for row in rows]

    def published_types(self) -> list[str]:
        """The types of everything published, oldest first."""
        return [row["type"] for row in self.db["outbox"].find().sort([("at", 1), ("_id", 1)])]

    def audited(self, subject: str) -> list[str]:
        """The actions in the audit chain of a subject, oldest first."""
        return [row["action"] for row in self.db["audit"].find({"subject": subject}).sort("seq", 1)]

    def run_jobs(self) -> int:
        """Do every job that is due now; gives their number."""
        return Runner(self.store, self.jobs).run_due()

    def worker(self) -> Worker:
        """A worker on this stage's database and queues, not running yet."""
        return self.service.worker(self.settings)

    def relay(self, publisher: Any) -> Relay:
        """A relay of this stage's outbox."""
        return Relay(self.store, publisher)

    def state(self) -> dict[str, int]:
        """How many documents each collection holds: to show that a refused request changed nothing but its count."""
        names = sorted({*self.db.list_collection_names()} - {COUNTERS})
        return {name: count for name in names if (count := self.db[name].count_documents({}))}

    def deferred(self) -> list[dict[str, Any]]:
        """Every deferred event, whole, oldest first."""
        return list(self.db["deferred_events"].find().sort("_id", 1))

    def _filled(self) -> list[str]:
        """The collections that hold something, by one question: most tests fill a few of forty."""
        first, *others = self.db.list_collection_names() or [""]
        union = [{"$unionWith": {"coll": name, "pipeline": _mark(name)}} for name in others]
        return [row["name"] for row in self.db[first].aggregate([*_mark(first), *union])] if first else []

    def empty(self) -> None:
        """Take every document away, keeping collections and indexes, and forget what was counted."""
        for name in self._filled():
            self.db[name].delete_many({})
        for _, app in self._apps:
            for limiter in app.extensions["limiter"]:
                limiter.reset()


def _mark(name: str) -> list[Doc]:
    return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]


def _type_of(kind: type) -> str:
    return next(one.type for one in contracts() if one.event_class is kind)


@contextmanager
def closing(stage: Stage) -> Iterator[Stage]:
    """The stage, its database connections given back at the end."""
    try:
        yield stage
    finally:
        stage.close()
