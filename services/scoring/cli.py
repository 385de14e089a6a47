"""Scoring's own command: every score computed anew from what it rests on."""

import sys

import click

from services.scoring import queries
from shared.cli.support import open_store
from shared.service import Service
from shared.signing.keys import KeyRing

AT_ONCE = 100


@click.command()
@click.option("--check", is_flag=True, help="Exit with code 1 when a score differs.")
@click.pass_obj
def recompute(service: Service, check: bool) -> None:
    """Compute every score anew from its stored set, check its receipt, and name those that differ."""
    store = open_store(service)
    publics = KeyRing.load(service.settings().keys, service.name).publics
    count, differing, last = 0, 0, ""
    while ids := store.query(queries.list_score_ids, last, AT_ONCE):
        for id in ids:
            problems = store.query(queries.recheck, id, publics)
            for problem in problems:
                click.echo(f"{id}: {problem}")
            differing += bool(problems)
        count, last = count + len(ids), ids[-1]
    click.echo(f"{count} scores computed anew, {differing} of them differ")
    sys.exit(1 if check and differing else 0)
