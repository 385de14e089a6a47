"""A service: described once, run as web, worker, or one of its commands."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import click
import flask
from pymongo import IndexModel

from shared.core import settings, telemetry, tracing
from shared.core.settings import Settings
from shared.jobs.queue import Job
from shared.messaging import broker
from shared.messaging.inbox import Handler
from shared.storage.mongo import Store
from shared.web import create_app
from shared.worker import Sweep, Worker

K = TypeVar("K")
V = TypeVar("V")
Parts: TypeAlias = Mapping[K, V] | Callable[[Settings], Mapping[K, V]]


def resolve(parts: Parts[K, V], of: Settings) -> Mapping[K, V]:
    """The parts of a service, made now where they need settings such as the folder of keys."""
    return parts if isinstance(parts, Mapping) else parts(of)


@dataclass(frozen=True)
class Service:
    """What one service is made of.

    `blueprints(settings, store)` gives its blueprints; handlers, jobs and sweeps stand here or are functions that
    give them for the settings; `prepare(settings, store)` does what else is needed once before it starts;
    `commands` are further command line commands, each a click command that finds the Service in `context.obj`.
    """

    name: str
    blueprints: Callable[[Settings, Store], Sequence[flask.Blueprint]]
    handlers: Parts[type, Handler]
    indexes: Mapping[str, Sequence[IndexModel]]
    jobs: Parts[str, Job] = field(default_factory=dict)
    sweeps: Parts[str, Sweep] = field(default_factory=dict)
    prepare: Callable[[Settings, Store], None] | None = None
    commands: Sequence[click.Command] = ()

    def settings(self) -> Settings:
        """The settings of this process; SettingsInvalid says everything that is wrong with them."""
        return settings.load(self.name)

    def store(self, of: Settings) -> Store:
        """A store of its own for this process: never shared over a fork."""
        return Store(of.mongo_uri, of.mongo_database, self.name, self.indexes)

    def app(self) -> flask.Flask:
        """The web application, for gunicorn."""
        telemetry.configure(self.name)
        found = self.settings()
        if found.otlp_endpoint:
            tracing.start(self.name, found.otlp_endpoint)
        store = self.store(found)
        return create_app(self.name, found, store, self.blueprints(found, store))

    def worker(self, of: Settings) -> Worker:
        """A worker of this service, not yet running."""
        handlers, jobs, sweeps = resolve(self.handlers, of), resolve(self.jobs, of), resolve(self.sweeps, of)
        return Worker(of, self.store(of), handlers, jobs, sweeps)

    def make_ready(self, of: Settings) -> None:
        """Make the collections and indexes, and with the broker's admin address the exchange, queues and bindings."""
        with closing(self.store(of)) as store:
            store.prepare()
            if self.prepare:
                self.prepare(of, store)
        if of.amqp_admin_uri:
            broker.declare(of.amqp_admin_uri, of.prefix)
