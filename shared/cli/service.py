"""Run a service from the command line: web, worker, prepare, and the commands that every service has."""

import os
import sys
import tempfile
from typing import IO, Any

import click
from pymongo.errors import PyMongoError

from shared.cli.audit import audit
from shared.cli.deferred import deferred
from shared.cli.jobs import jobs
from shared.cli.republish import republish
from shared.core import garbage, settings, telemetry
from shared.core.errors import AppError
from shared.messaging import broker
from shared.service import Service

LIMITS = ("--limit-request-line=8190", "--limit-request-field_size=8192", "--limit-request-fields=1000")
"""What gunicorn takes in front of a body: no less than the gateway, which refuses with a problem."""
DISPATCHER = "nilai"
"""How `nilai`, which runs a service's commands, names itself: alone, or followed by one command's name."""
SERVER_ERRORS: tuple[type[Exception], ...] = (PyMongoError, *broker.ERRORS)


class Commands(click.Group):
    """A group whose commands end with one message, and no traceback, when something outside refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AppError as problem:
            reasons = [f"  {reason['detail']}" for reason in problem.extra.get("errors", ())]
            raise _Refused("\n".join([f"{problem.title}: {problem.detail}", *reasons])) from problem
        except BrokenPipeError:
            raise  # whoever read our output went away: click ends quietly
        except SERVER_ERRORS as problem:
            text = f"The database or the broker refused: {type(problem).__name__}: {str(problem)[:500]}"
            raise _Refused(text) from problem


class _Refused(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


def main(service: Service) -> None:
    """The command line of a service; ends the process with its exit code."""
    program, group = sys.argv[0], commands_of(service)
    if program == DISPATCHER or program.startswith(f"{DISPATCHER} "):
        name = program.removeprefix(DISPATCHER).strip()
        # `nilai deferred intake …`: the service's name stands where its own command line has the command's.
        group = Commands(commands={service.name: group.commands[name]}) if name else group
    else:
        program = f"python -m services.{service.name}"
    group.main(prog_name=program, obj=service)


def commands_of(service: Service) -> Commands:
    """All commands that a service has."""
    own = (web, worker, prepare, deferred, jobs, audit, republish)
    return Commands(
        name=service.name, help=f"The {service.name} service.", commands=[*own, *service.commands]
    )


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
    """Consume and publish events, and do the jobs."""
    telemetry.configure(service.name)
    made = service.worker(service.settings())
    garbage.spare_what_was_loaded()
    sys.exit(made.run())


@click.command()
@click.pass_obj
def prepare(service: Service) -> None:
    """Make collections, indexes and, with AMQP_ADMIN_URI, the broker's queues; again is harmless."""
    telemetry.configure(service.name)
    service.make_ready(service.settings())
    click.echo(f"{service.name} is prepared")
