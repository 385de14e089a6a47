"""A service: described once, run as web, worker, or one of its commands."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import click
import flask
from pymongo import IndexModel

from shared.core import garbage, settings, telemetry, tracing
from shared.core.settings import Settings
from shared.jobs import runner, verification
from shared.jobs.queue import Job
from shared.messaging import broker
from shared.messaging.inbox import Handler
from shared.messaging.keying import key_by_source
from shared.signing.keys import KeyRing
from shared.storage import known_keys, preparation, rights
from shared.storage.mongo import Store
from shared.storage.rights import Right
from shared.web import create_app, operations, trails
from shared.worker import Sweep, Worker

K = TypeVar("K")
V = TypeVar("V")
log = telemetry.logger(__name__)
Parts: TypeAlias = Mapping[K, V] | Callable[[Settings], Mapping[K, V]]


def resolve(parts: Parts[K, V], of: Settings) -> Mapping[K, V]:
    """The parts of a service, made now where they need settings such as the folder of keys."""
    return parts if isinstance(parts, Mapping) else parts(of)


@dataclass(frozen=True)
class Service:
    """What one service is made of.

    `blueprints(settings, store)` gives its blueprints; handlers, jobs and sweeps stand here or are functions that
    give them for the settings; `job_threads` is how many jobs a worker does at once; `rights` says of its collections
    what its user may do (rights.CHANGE otherwise); `prepare(settings, store)` does what else is needed once before it
    starts, with all rights; `commands` are further command line commands, each a click command that finds the Service
    in `context.obj`; `open_actions` says what the actions begin with (`cycle` of `cycle.opened`) of which the ministry
    sees the details in the audit trail.
    """

    name: str
    blueprints: Callable[[Settings, Store], Sequence[flask.Blueprint]]
    handlers: Parts[type, Handler]
    indexes: Mapping[str, Sequence[IndexModel]]
    rights: Mapping[str, Right] = field(default_factory=dict)
    jobs: Parts[str, Job] = field(default_factory=dict)
    job_threads: int = runner.THREADS
    sweeps: Parts[str, Sweep] = field(default_factory=dict)
    prepare: Callable[[Settings, Store], None] | None = None
    commands: Sequence[click.Command] = ()
    open_actions: Collection[str] = ()

    def kinds(self, of: Settings) -> Mapping[str, Job]:
        """Every kind of job that a worker of this service does: those of all services, and its own."""
        return {verification.JOB: verification.VERIFYING, **resolve(self.jobs, of)}

    def doors(self, of: Settings, store: Store) -> Sequence[flask.Blueprint]:
        """Its blueprints, and those of all services: how it runs, and what it wrote down of who did what."""
        shared = (operations.blueprint(of, self.kinds(of)), trails.blueprint(of, self.open_actions))
        return [*self.blueprints(of, store), *shared]

    def settings(self) -> Settings:
        """The settings of this process; SettingsInvalid says everything that is wrong with them."""
        return settings.load(self.name)

    def store(self, of: Settings) -> Store:
        """A store of its own for this process: never shared over a fork."""
        return Store(of.mongo_uri, of.mongo_database, self.name)

    def app(self) -> flask.Flask:
        """The web application, for gunicorn."""
        telemetry.configure(self.name)
        found = self.settings()
        if found.otlp_endpoint:
            tracing.start(self.name, found.otlp_endpoint)
        store = self.store(found)
        app = create_app(self.name, found, store, self.doors(found, store))
        garbage.spare_what_was_loaded()
        return app

    def worker(self, of: Settings) -> Worker:
        """A worker of this service, not yet running."""
        handlers, jobs, sweeps = resolve(self.handlers, of), self.kinds(of), resolve(self.sweeps, of)
        return Worker(of, self.store(of), handlers, jobs, sweeps, job_threads=self.job_threads)

    def make_ready(self, of: Settings) -> None:
        """Make the collections and indexes, and with the broker's admin address exchanges, queues and bindings.

        With the database's admin address also the rights of the service's own user there; with the address of the
        broker's management API also the service's own user there, with its rights. Conflict when the broker does
        not let that user in; KeysError when the keys that sign are lost.
        """
        with closing(self.store(replace(of, mongo_uri=of.mongo_admin_uri or of.mongo_uri))) as store:
            preparation.prepare(store.db, self.indexes)
            key_by_source(store.db)
            known_keys.check_keys(store.db, KeyRing.load(of.keys, self.name), of.accept_new_keys)
            if of.mongo_admin_uri:
                self.grant(store)
            else:
                log.warning("the service's own user keeps its rights: MONGO_ADMIN_URI is not set")
            if self.prepare:
                self.prepare(of, store)
        if of.amqp_admin_uri:
            self._prepare_broker(of)

    def grant(self, store: Store) -> None:
        """Let the service's own user do what is declared here; the store is one with the rights of an owner."""
        collections = {**preparation.SHARED_INDEXES, **self.indexes}
        rights.grant(store.db, collections, {**preparation.SHARED_RIGHTS, **self.rights})

    def _prepare_broker(self, of: Settings) -> None:
        if of.amqp_management_url:
            management = broker.Management.of(of.amqp_management_url, of.amqp_admin_uri)
            management.set_user(of.amqp_uri, broker.rights(of.prefix, self.name))
        broker.declare(of.amqp_admin_uri, of.prefix)
        broker.check_login(of.amqp_uri)
