"""What an operator does at the command line: the first officer, an edition."""

from collections.abc import Sequence
from pathlib import Path

import click

from services.intake import commands
from services.intake.domain import MINISTRY, Grant, Person
from shared.cli.support import open_store
from shared.core.ids import utcnow
from shared.core.people import AGENCY_ROLES, OPERATOR, check_known_as
from shared.instrument import Edition, load, shipped, shipped_ids
from shared.instrument.source import read_file
from shared.service import Service
from shared.storage.transaction import Origin


@click.command()
@click.option("--issuer", required=True, help="The identity provider's address, as in the tokens' `iss`.")
@click.option(
    "--subject", "subjects", required=True, multiple=True, help="Whom it means, as in the tokens' `sub`."
)
@click.option("--role", required=True, type=click.Choice(["ministry", "machine", *AGENCY_ROLES]))
@click.option("--agency", help="For which agency, where the role is held for one.")
@click.pass_obj
def grant(service: Service, issuer: str, subjects: Sequence[str], role: str, agency: str | None) -> None:
    """Give somebody a role from now on; again changes nothing.

    The first officer of the ministry is one at once; in production every other one when an officer confirms it.
    """
    settings = service.settings()
    confirmed = settings.mode != "production"
    given = Grant(role, agency, utcnow())
    store = open_store(service)
    for subject in subjects:
        check_known_as(issuer, subject, settings.oidc_issuer)
        person = store.run(commands.grant, issuer, subject, given, confirmed, origin=Origin(OPERATOR))
        click.echo(_said(person, given))
    if confirmed and role == MINISTRY:
        click.echo(f"Mode {settings.mode} confirms its officers itself; in production a second officer does.")


def _said(person: Person, given: Grant) -> str:
    whose = f" for {given.agency}" if given.agency else ""
    if any((one.role, one.agency) == (given.role, given.agency) for one in person.grants):
        return f"{person.id} is {given.role}{whose}"
    way = f"POST /intake/api/v1/people/{person.id}/confirm"
    return f"{person.id} will be {given.role}{whose} when an officer confirms it: {way}"


@click.command("load-edition")
@click.argument("source")
@click.option("--publish", is_flag=True, help="Put it in force: it never changes again.")
@click.pass_obj
def load_edition(service: Service, source: str, publish: bool) -> None:
    """Load an edition from a YAML file, or one that ships with Nilai by its id."""
    edition = _edition(source)
    store = open_store(service)
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
    return load(read_file(path))
