"""The commands that start, show and stop the system on this machine."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from deploy.local import backup, processes, servers
from deploy.local.config import CHECKOUT, HOME, TEST_HOME, SetupError
from deploy.local.programs import GATEWAY, address
from deploy.local.servers import Servers

Arguments = ParamSpec("Arguments")


def _without_traceback(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Say a SetupError, or what is wrong with a file or folder, in a sentence instead of a traceback."""

    @wraps(command)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SetupError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from error

    return wrapped


home_option = click.option(
    "--home",
    default=HOME,
    type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    help="Where the instance keeps its data and logs (default: .local of the checkout).",
)


@click.command()
@home_option
@_without_traceback
def up(home: Path) -> None:
    """Start the database, the broker and all services, and wait until they are ready."""
    _show_address(processes.up(home))


@click.command()
@home_option
@_without_traceback
def down(home: Path) -> None:
    """Stop everything that `up` started; the data stay."""
    processes.down(home)


@click.command()
@home_option
@_without_traceback
def status(home: Path) -> None:
    """Show what runs and what is missing; exit code 1 when something is missing or not ready."""
    rows = processes.status(home)
    if not rows:
        raise SetupError("Nothing runs: `make up` starts it.")
    for row in rows:
        click.echo(f"{row.role:16} {row.pid or '-':>8}  {row.restarts:>3} restarts  {row.state}")
    if bad := [f"{row.role} ({row.state})" for row in rows if row.state != "ready"]:
        stopped = any(row.state == "stopped" for row in rows)
        start = "`.venv/bin/nilai servers start-broker`" if stopped else "`make up`"
        raise SetupError(f"{', '.join(bad)}: {start} starts what is missing; logs are in {home / 'log'}.")


@click.command()
@_without_traceback
def demo() -> None:
    """Start everything, play one assessment round through it, and leave it running."""
    running = processes.up()
    code = subprocess.run([sys.executable, "-m", "deploy.demo"], cwd=CHECKOUT, check=False).returncode
    _show_address(running)
    sys.exit(code)


@click.command("servers")
@click.argument("action", type=click.Choice(["start", "stop", "kill-broker", "stop-broker", "start-broker"]))
@click.option("--test", is_flag=True, help="Those of the tests, beside the others.")
@home_option
@_without_traceback
def servers_command(action: str, test: bool, home: Path) -> None:
    """Start or stop only the database and the broker."""
    home = TEST_HOME if test else home
    doing: dict[str, Callable[[Path], object]] = {
        "start": servers.start,
        "stop": servers.stop,
        "kill-broker": servers.kill_broker,
        "stop-broker": servers.stop_broker,
        "start-broker": servers.start_broker,
    }
    doing[action](home)


@click.command("with-servers", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@_without_traceback
def with_servers(command: tuple[str, ...]) -> None:
    """Run a command while the test servers are up; the last user stops them."""
    with servers.with_servers(TEST_HOME) as running:
        env = {**os.environ, "NILAI_TEST_HOME": str(running.home)}
        code = subprocess.run(command, env=env, check=False).returncode
    sys.exit(code)


folder_argument = click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path, resolve_path=True)
)


@click.command("backup")
@folder_argument
@home_option
@_without_traceback
def backup_command(folder: Path, home: Path) -> None:
    """Keep everything that the stopped system holds in one file of FOLDER, passwords and signing keys too."""
    click.echo(f"Kept in {backup.save(home, folder)}, which is as secret as all that is in it.")


@click.command()
@folder_argument
@home_option
@_without_traceback
def restore(folder: Path, home: Path) -> None:
    """Put back what `backup` kept in FOLDER, where there are no data; then `make up`."""
    backup.restore(home, folder)
    click.echo("Restored; `make up` starts it.")


@click.group()
def main() -> None:
    """Nilai on this machine."""


for command in (up, down, status, demo, backup_command, restore, servers_command, with_servers):
    main.add_command(command)


def _show_address(running: Servers) -> None:
    click.echo(f"Running: {address(running.ports, GATEWAY)}/")
    click.echo(
        "  `.venv/bin/nilai token --as NAME` gives a token of the local issuer, `make down` stops all."
    )
    officers = " and ".join(processes.OFFICERS)
    click.echo(
        f"  Officers: {officers}, confirmed by this default itself; in production a second officer does."
    )
    click.echo(f"  Logs: {running.home}/log/")
