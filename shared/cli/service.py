"""Run a service from the command line: web, worker, prepare, and the commands that every service has."""

import os
import sys
import tempfile

import click
from pymongo.errors import PyMongoError

from shared.cli import operations
from shared.core import settings, telemetry
from shared.core.errors import AppError
from shared.messaging import broker
from shared.service import Service

LIMITS = ("--limit-request-line=8190", "--limit-request-field_size=8192", "--limit-request-fields=1000")
"""What gunicorn takes in front of a body: no less than the gateway, which refuses with a problem."""
SERVER_ERRORS: tuple[type[Exception], ...] = (PyMongoError, *broker.ERRORS)


def main(service: Service) -> None:
    """The command line of a service; ends the process with its exit code."""
    group = click.Group(
        name=service.name,
        help=f"The {service.name} service.",
        commands=[web, worker, prepare, *operations.COMMANDS, *service.commands],
    )
    try:
        group.main(prog_name=f"python -m services.{service.name}", obj=service, standalone_mode=True)
    except AppError as problem:
        reasons = [f"  {reason['detail']}" for reason in problem.extra.get("errors", ())]
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
    """Hear and tell events, and do the jobs."""
    telemetry.configure(service.name)
    sys.exit(service.worker(service.settings()).run())


@click.command()
@click.pass_obj
def prepare(service: Service) -> None:
    """Make collections, indexes and, with AMQP_ADMIN_URI, the broker's queues; again is harmless."""
    telemetry.configure(service.name)
    service.make_ready(service.settings())
    click.echo(f"{service.name} is prepared")
