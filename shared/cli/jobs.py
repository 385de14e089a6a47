"""`nilai jobs SERVICE`: work outside of transactions that waits, runs, is tried again, or is dead."""

import json
from typing import TYPE_CHECKING

import click

from shared.cli.support import (
    after_option,
    all_option,
    json_option,
    limit_option,
    open_store,
    print_list,
    reason_option,
    require_ids,
    run_for_each,
    state_option,
)
from shared.jobs import operations, queue
from shared.storage.reader import Doc

if TYPE_CHECKING:
    from shared.service import Service


@click.group()
def jobs() -> None:
    """Jobs that are due (waiting), failed and are tried again (retry), run, were given up (dead), or are done."""


@jobs.command("list")
@state_option(operations.STATES)
@limit_option
@after_option
@json_option
@click.pass_obj
def list_(service: "Service", states: tuple[str, ...], limit: int, after: str, as_json: bool) -> None:
    """One line for each, by id: id, state, attempts, when it is due, reason; done ones only with --state done."""
    docs = open_store(service).query(operations.find_all, states or queue.COUNTED, limit, after)
    print_list(docs, _line, limit, as_json)


def _line(doc: Doc) -> str:
    due = f"{doc['due']:%Y-%m-%dT%H:%M:%SZ}"
    return f"{doc['_id']}  {doc['state']:7}  {doc['attempts']} attempts  due {due}  {doc['error'] or ''}".rstrip()


@jobs.command()
@click.argument("id")
@click.pass_obj
def show(service: "Service", id: str) -> None:
    """Everything that is known of one."""
    click.echo(json.dumps(open_store(service).query(operations.require, id), indent=2, default=str))


@jobs.command()
@click.argument("ids", nargs=-1)
@all_option
@click.pass_obj
def retry(service: "Service", ids: tuple[str, ...], everything: bool) -> None:
    """Have the worker try them again at once, with all their attempts before them."""
    require_ids(ids, everything)
    store = open_store(service)
    run_for_each(
        store,
        store.query(operations.dead_ids) if everything else ids,
        queue.retry,
        service.kinds(service.settings()),
    )


@jobs.command()
@click.argument("ids", nargs=-1)
@all_option
@reason_option
@click.pass_obj
def drop(service: "Service", ids: tuple[str, ...], everything: bool, reason: str) -> None:
    """Delete them for good: they are never done."""
    require_ids(ids, everything)
    store = open_store(service)
    run_for_each(
        store,
        store.query(operations.dead_ids) if everything else ids,
        queue.drop,
        service.kinds(service.settings()),
        reason,
    )
