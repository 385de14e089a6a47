"""`nilai republish SERVICE --to SERVICE`: the journal published once more, to one consumer."""

import time
from typing import TYPE_CHECKING

import click

from shared.cli.support import open_store
from shared.core.names import SERVICES
from shared.core.people import OPERATOR
from shared.messaging import replays
from shared.storage.mongo import Store
from shared.storage.transaction import Origin

if TYPE_CHECKING:
    from shared.service import Service

LOOK_SECONDS = 0.2


@click.command()
@click.option(
    "--to",
    "consumer",
    required=True,
    type=click.Choice(SERVICES),
    help="The service whose queue gets them; no other does.",
)
@click.option("--days", type=float, default=400.0, show_default=True, help="How far back.")
@click.option(
    "--rebuild",
    is_flag=True,
    help="All of it, to make the consumer's replicas anew whatever they hold; what was never published goes there.",
)
@click.option(
    "--wait",
    type=float,
    default=30.0,
    show_default=True,
    help="Seconds without progress before giving up waiting.",
)
@click.pass_obj
def republish(service: "Service", consumer: str, days: float, rebuild: bool, wait: float) -> None:
    """Have the worker publish this service's journal once more to one consumer, which ignores what it knows already."""
    if not replays.types_for(service.name, consumer):
        raise click.ClickException(
            f"{consumer} consumes nothing that {service.name} publishes; `nilai events list` shows who consumes what."
        )
    store = open_store(service)
    id = store.run(replays.ask, consumer, None if rebuild else days, origin=Origin(OPERATOR))
    count = _wait(store, id, service.name, wait)
    click.echo(f"{count} events republished to {consumer}{', to rebuild its replicas' if rebuild else ''}")


def _wait(store: Store, id: str, service: str, wait: float) -> int:
    """The number of events that were published; ClickException when it does not go on."""
    seen, until = -1, time.monotonic()
    while (replay := store.query(replays.require, id))["state"] != "done":
        if replay["count"] != seen:
            seen, until = replay["count"], time.monotonic() + wait
        if time.monotonic() > until:
            reason = replay.get("problem") or f"does a worker of {service} run?"
            raise click.ClickException(
                f"{seen} events were republished, and then nothing happened for {wait:g} s ({reason}). "
                "It stays asked for and goes on as soon as it can: do not ask again."
            )
        time.sleep(LOOK_SECONDS)
    return int(replay["count"])
