"""`nilai republish SERVICE --to SERVICE`: the journal published once more, to one consumer."""

from contextlib import closing
from typing import TYPE_CHECKING

import click

from shared.cli.support import open_store
from shared.core.names import SERVICES
from shared.events import contracts
from shared.messaging import broker, outbox

if TYPE_CHECKING:
    from shared.service import Service


@click.command()
@click.option(
    "--to",
    "consumer",
    required=True,
    type=click.Choice(SERVICES),
    help="The service whose queue gets them; no other does.",
)
@click.option("--days", type=float, default=400.0, show_default=True, help="How far back.")
@click.pass_obj
def republish(service: "Service", consumer: str, days: float) -> None:
    """Publish this service's journal once more to one consumer, which ignores what it knows already."""
    settings = service.settings()
    types = [
        contract.type
        for contract in contracts()
        if contract.producer == service.name and consumer in contract.consumers
    ]
    if not types:
        raise click.ClickException(
            f"{consumer} consumes nothing that {service.name} publishes; `nilai events list` shows who consumes what."
        )
    publisher = broker.Publisher(
        settings.amqp_admin_uri or settings.amqp_uri, settings.prefix, settings.queue(consumer)
    )
    click.get_current_context().with_resource(closing(publisher))
    count = outbox.republish(open_store(service), publisher, types, days)
    click.echo(f"{count} events republished to {consumer}")
