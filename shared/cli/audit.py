"""`nilai audit SERVICE`: the chains of who did what."""

import sys
from typing import TYPE_CHECKING

import click

from shared.cli.support import open_store
from shared.storage import audit as chain
from shared.storage.joins import verify_joins
from shared.storage.reader import Doc

if TYPE_CHECKING:
    from shared.service import Service


@click.group()
def audit() -> None:
    """The audit trail of this service."""


@audit.command()
@click.pass_obj
def verify(service: "Service") -> None:
    """Check every chain against its head; names the first broken link of each. Exit code 1 when one is broken."""
    store = open_store(service)

    def read_again(subject: str) -> tuple[list[Doc], Doc | None]:
        return store.run(
            lambda tx: (tx.find("audit", {"subject": subject}, [("seq", 1)]), tx.get("heads", subject))
        )

    report = chain.verify_all(
        store.db["heads"].find().sort("_id", 1),
        store.db["audit"].find().sort([("subject", 1), ("seq", 1)]),
        read_again,
    )
    report += verify_joins(store.db)
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.ok else 1)
