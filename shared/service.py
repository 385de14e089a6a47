"""A service: described once, run as web, worker, or one of its commands."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import click
import flask
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from shared import broker, housekeeping, settings, telemetry, tracing
from shared.chores import Chore
from shared.errors import AppError
from shared.hearing import Hears
from shared.mongo import Store
from shared.settings import Settings
from shared.web import create_app
from shared.worker import Sweep, Worker

K = TypeVar("K")
V = TypeVar("V")
LIMITS = ("--limit-request-line=8190", "--limit-request-field_size=8192", "--limit-request-fields=1000")
"""What gunicorn takes in front of a body: no less than the gateway, which refuses with a problem."""
SERVER_ERRORS: tuple[type[Exception], ...] = (PyMongoError, *broker.ERRORS)
Parts: TypeAlias = Mapping[K, V] | Callable[[Settings], Mapping[K, V]]


def given(parts: Parts[K, V], of: Settings) -> Mapping[K, V]:
    """The parts of a service, made now where they need settings such as the folder of keys."""
    return parts if isinstance(parts, Mapping) else parts(of)


@dataclass(frozen=True)
class Service:
    """What one service is made of.

    `doors(settings, store)` gives its blueprints; handlers, chores and sweeps stand here or are functions that
    give them for the settings; `prepare(settings, store)` does what else is needed once before it starts;
    `commands` are further command line commands, each a click command that finds the Service in `context.obj`.
    """

    name: str
    doors: Callable[[Settings, Store], Sequence[flask.Blueprint]]
    handlers: Parts[type, Hears]
    indexes: Mapping[str, Sequence[IndexModel]]
    chores: Parts[str, Chore] = field(default_factory=dict)
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
        return create_app(self.name, found, store, self.doors(found, store))

    def worker(self, of: Settings) -> Worker:
        """A worker of this service, not yet running."""
        handlers, chores, sweeps = given(self.handlers, of), given(self.chores, of), given(self.sweeps, of)
        return Worker(of, self.store(of), handlers, chores, sweeps)

    def make_ready(self, of: Settings) -> None:
        """Make the collections and indexes, and with the broker's admin address the exchange, queues and bindings."""
        with closing(self.store(of)) as store:
            store.prepare()
            if self.prepare:
                self.prepare(of, store)
        if of.amqp_admin_uri:
            broker.prepare(of.amqp_admin_uri, of.prefix)

    def main(self) -> None:
        """The command line of the service."""
        group = click.Group(
            name=self.name,
            help=f"The {self.name} service.",
            commands=[web, worker, prepare, *housekeeping.COMMANDS, *self.commands],
        )
        try:
            group.main(prog_name=f"python -m services.{self.name}", obj=self, standalone_mode=True)
        except AppError as problem:
            reasons = [f"  {one['detail']}" for one in problem.extra.get("errors", ())]
            sys.exit("\n".join([f"{problem.title}: {problem.detail}", *reasons]))
        except SERVER_ERRORS as problem:
            sys.exit(f"The database or the broker refused: {type(problem).__name__}: {str(problem)[:500]}")


@click.command()
@click.pass_obj
def web(service: Service) -> None:
    """Answer HTTP requests (gunicorn, gthread)."""
    found = service.settings()
    metrics = tempfile.mkdtemp(prefix=f"nilai-{service.name}-")
    arguments = [
        "gunicorn",
        f"services.{service.name}.app:create_app()",
        f"--bind={found.host}:{found.port}",
        "--worker-class=gthread",
        f"--workers={found.web_workers}",
        f"--threads={found.web_threads}",
        "--timeout=60",
        "--graceful-timeout=30",
        "--keep-alive=15",
        "--no-control-socket",
        *LIMITS,
    ]
    environment = settings.environment(PROMETHEUS_MULTIPROC_DIR=metrics)
    os.execve(sys.executable, [sys.executable, "-m", *arguments], environment)  # noqa: S606  # no shell wanted


@click.command()
@click.pass_obj
def worker(service: Service) -> None:
    """Hear and tell events, and do the chores."""
    telemetry.configure(service.name)
    sys.exit(service.worker(service.settings()).run())


@click.command()
@click.pass_obj
def prepare(service: Service) -> None:
    """Make collections, indexes and, with AMQP_ADMIN_URI, the broker's queues; again is harmless."""
    telemetry.configure(service.name)
    service.make_ready(service.settings())
    click.echo(f"{service.name} is prepared")
