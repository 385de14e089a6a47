"""What an operator does at the command line: the first officer, an edition."""

from contextlib import closing
from pathlib import Path

import click

from services.intake import commands
from shared.core.people import AGENCY_ROLES, OPERATOR
from shared.instrument import Edition, load, shipped, shipped_ids
from shared.service import Service
from shared.storage.transaction import Origin


@click.command()
@click.option("--issuer", required=True, help="The identity provider's address, as in the tokens' `iss`.")
@click.option("--subject", required=True, help="Whom it means, as in the tokens' `sub`.")
@click.option("--role", required=True, type=click.Choice(["ministry", "machine", *AGENCY_ROLES]))
@click.option("--agency", help="For which agency, where the role is held for one.")
@click.pass_obj
def grant(service: Service, issuer: str, subject: str, role: str, agency: str | None) -> None:
    """Give somebody a role from now on; again changes nothing."""
    with closing(service.store(service.settings())) as store:
        person = store.run(commands.grant, issuer, subject, role, agency, origin=Origin(OPERATOR))
    click.echo(f"{person.id} is {role}" + (f" for {agency}" if agency else ""))


@click.command("load-edition")
@click.argument("source")
@click.option("--publish", is_flag=True, help="Put it in force: it never changes again.")
@click.pass_obj
def load_edition(service: Service, source: str, publish: bool) -> None:
    """Load an edition from a YAML file, or one that ships with Nilai by its id."""
    edition = _edition(source)
    with closing(service.store(service.settings())) as store:
        record, new = store.run(commands.load_edition, edition, origin=Origin(OPERATOR))
        if publish:
            record = store.run(commands.publish_edition, record.id, origin=Origin(OPERATOR))
    click.echo(f"{record.id} {record.hash} {record.state}" + ("" if new else ", known already"))


def _edition(source: str) -> Edition:
    if source in shipped_ids():
        return shipped(source)
    path = Path(source)
    if not path.is_file():
        known = ", ".join(shipped_ids())
        raise click.ClickException(f"{source} is no file, and no edition that ships; those are {known}.")
    return load(path.read_text("utf-8"))
