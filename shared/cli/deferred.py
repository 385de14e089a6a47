"""`nilai deferred SERVICE`: the events that wait for another, are tried again, or are dead."""

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
    printable,
    reason_option,
    require_ids,
    run_for_each,
    state_option,
)
from shared.messaging import operations
from shared.storage.reader import Doc

if TYPE_CHECKING:
    from shared.service import Service


@click.group()
def deferred() -> None:
    """Events that wait for another (waiting), failed and are tried again (retry), or were given up (dead)."""


@deferred.command("list")
@state_option(operations.STATES)
@limit_option
@after_option
@json_option
@click.pass_obj
def list_(service: "Service", states: tuple[str, ...], limit: int, after: str, as_json: bool) -> None:
    """One line for each, the oldest first: id, state, attempts, type, subject, reason."""
    docs = open_store(service).query(operations.find_all, states or operations.STATES, limit, after)
    print_list(docs, _line, limit, as_json)


def _line(doc: Doc) -> str:
    event = f"{doc['type']}  {doc['subject']}"
    return f"{doc['_id']}  {doc['state']:7}  {doc['attempts']} attempts  {event}  {doc['error']}"


@deferred.command()
@click.argument("id")
@click.pass_obj
def show(service: "Service", id: str) -> None:
    """Everything that is known of one: its fields, its bytes, the traceback of its last attempt."""
    doc = open_store(service).query(operations.require, id)
    fields = {key: value for key, value in doc.items() if key not in {"body", "trace"}}
    click.echo(json.dumps(fields, indent=2, default=str))
    click.echo(printable(bytes(doc["body"]).decode(errors="backslashreplace")))
    click.echo(doc.get("trace", ""))


@deferred.command()
@click.argument("ids", nargs=-1)
@all_option
@click.pass_obj
def retry(service: "Service", ids: tuple[str, ...], everything: bool) -> None:
    """Have the worker try them again at once; those that are not readable or not believed are left out of --all."""
    require_ids(ids, everything)
    store, users = open_store(service), service.settings().amqp_users
    if everything:
        dead = [doc["_id"] for doc in store.query(operations.find_all, ("dead",))]
        ids = tuple(id for id in dead if store.query(operations.is_readable, id, users))
    run_for_each(store, ids, operations.retry, users)


@deferred.command()
@click.argument("ids", nargs=-1)
@all_option
@reason_option
@click.pass_obj
def drop(service: "Service", ids: tuple[str, ...], everything: bool, reason: str) -> None:
    """Delete them for good: they are not handled when they come again."""
    require_ids(ids, everything)
    store = open_store(service)
    if everything:
        ids = tuple(doc["_id"] for doc in store.query(operations.find_all, ("dead",)))
    run_for_each(store, ids, operations.drop, reason)
