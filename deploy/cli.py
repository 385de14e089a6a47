"""The command `nilai`: it only dispatches, and imports a command's module when that command is called."""

import errno
import importlib
import os
import runpy
import sys
from contextlib import suppress
from typing import Any

import click

from shared.core.names import SERVICES

OWN = {
    "score": (
        "shared.instrument.authoring.cli:score",
        "Compute an index from a file of values; needs no server.",
    ),
    "instrument": (
        "shared.instrument.authoring.cli:instrument",
        "Check and show editions of the instrument.",
    ),
    "keys": ("shared.signing.cli:keys", "Make, renew and show signing keys."),
    "events": (
        "shared.events.asyncapi:events",
        "List the events that services publish, describe them in AsyncAPI.",
    ),
    "up": ("deploy.local.commands:up", "Start everything on this machine."),
    "down": ("deploy.local.commands:down", "Stop everything on this machine."),
    "status": ("deploy.local.commands:status", "Show what runs on this machine."),
    "demo": ("deploy.local.commands:demo", "Start everything and play one assessment round."),
    "backup": ("deploy.local.commands:backup_command", "Keep everything that this machine's system holds."),
    "restore": ("deploy.local.commands:restore", "Put back what `nilai backup` kept."),
    "servers": ("deploy.local.commands:servers_command", "Start or stop only the database and the broker."),
    "token": ("deploy.local.tokens:token", "Print an access token of the local issuer."),
}
_LISTED = "list|show|retry|drop [ARGS]..."
OF_ANY_SERVICE = {
    "prepare": ("", "Make its collections and queues."),
    "deferred": (_LISTED, "Events that wait, are tried again, or are dead."),
    "jobs": (_LISTED, "Work outside of transactions, such as webhooks."),
    "audit": ("verify", "Look for a broken link in its audit chains."),
    "republish": ("--to SERVICE [OPTIONS]", "Publish its journal again to one consumer."),
}
OF_ONE_SERVICE = {
    "grant": ("intake", "Give somebody a role, such as the first ministry officer."),
    "recompute": ("scoring", "Compute every score anew from what it rests on."),
}

WHERE = "It works on what MONGO_URI and the service's other settings name; without them on this checkout's instance."

# Whatever follows a command's name (and service), --help included, belongs to the command that it dispatches to.
_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}
_PASS_ON_AFTER_SERVICE = {"allow_interspersed_args": False}


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Nilai(click.Group):
    """Commands that say in a sentence, and with 2, that their output cannot be written."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that the command line names."""
        try:
            return super().main(*arguments, **options)
        except OSError as problem:
            if problem.errno not in _FULL or problem.filename is not None:
                raise
            # What is still buffered would fail once more when the process ends, which then ends with 120.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            click.echo(f"Error: the output cannot be written: {problem.strerror}", err=True)
            sys.exit(2)


@click.group("nilai", cls=Nilai)
@click.version_option(package_name="nilai")
def main() -> None:
    """Nilai: the maturity assessment of agencies, from self-assessment to the delivered result."""


def _own(name: str, target: str, summary: str) -> None:
    @main.command(name, short_help=summary, context_settings=_PASS_ON)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def call(arguments: tuple[str, ...]) -> None:
        if name == "keys":
            _lend_keys()
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        command.main(list(arguments), prog_name=f"nilai {name}")


def _of_any_service(name: str, words: str, summary: str) -> None:
    more = f"{WHERE} `nilai {name} SERVICE --help` says more."

    @main.command(
        name,
        short_help=f"{' '.join(['SERVICE', *words.split()])}: {summary[0].lower()}{summary[1:]}",
        help=summary,
        epilog=f"SERVICE is one of {', '.join(SERVICES)}. {more}",
        options_metavar="",
        context_settings=_PASS_ON_AFTER_SERVICE,
    )
    @click.argument("service", type=click.Choice(SERVICES), metavar="SERVICE")
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar=words)
    def call(service: str, arguments: tuple[str, ...]) -> None:
        wants_help = "--help" in arguments or (words and not arguments)
        _run_service(service, f"nilai {name}", [service, *arguments], not wants_help)


def _of_one_service(name: str, service: str, summary: str) -> None:
    @main.command(name, short_help=summary, context_settings=_PASS_ON)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def call(arguments: tuple[str, ...]) -> None:
        _run_service(service, "nilai", [name, *arguments], "--help" not in arguments)


def _run_service(service: str, program: str, arguments: list[str], needs_database: bool) -> None:
    reason = _lend_local(service)
    if reason and needs_database:
        raise click.ClickException(reason)
    sys.argv = [program, *arguments]
    runpy.run_module(f"services.{service}", run_name="__main__")


def _lend_local(service: str) -> str | None:
    """Where no other database is named, take what the instance of this checkout has; an image has none."""
    with suppress(ModuleNotFoundError):
        found: str | None = importlib.import_module("deploy.local.processes").lend_environment(service)
        return found
    return None


def _lend_keys() -> None:
    with suppress(ModuleNotFoundError):
        importlib.import_module("deploy.local.config").lend_keys()


for _name, (_target, _summary) in OWN.items():
    _own(_name, _target, _summary)
for _name, (_words, _summary) in OF_ANY_SERVICE.items():
    _of_any_service(_name, _words, _summary)
for _name, (_service, _summary) in OF_ONE_SERVICE.items():
    _of_one_service(_name, _service, _summary)

if __name__ == "__main__":
    main()
