"""`nilai jobs SERVICE`: work outside of transactions that waits, runs, is tried again, or is dead."""

import json
from collections.abc import Mapping
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
from shared.core.errors import NotFound
from shared.jobs import queue
from shared.service import resolve
from shared.storage.reader import Doc, Reader

if TYPE_CHECKING:
    from shared.service import Service

STATES = (*queue.COUNTED, "done")


@click.group()
def jobs() -> None:
    """Jobs that are due (waiting), failed and are tried again (retry), run, were given up (dead), or are done."""


@jobs.command("list")
@state_option(STATES)
@limit_option
@after_option
@json_option
@click.pass_obj
def list_(service: "Service", states: tuple[str, ...], limit: int, after: str, as_json: bool) -> None:
    """One line for each, by id: id, state, attempts, when it is due, reason; done ones only with --state done."""
    docs = open_store(service).query(_find_all, states or queue.COUNTED, limit, after)
    print_list(docs, _line, limit, as_json)


def _line(doc: Doc) -> str:
    due = f"{doc['due']:%Y-%m-%dT%H:%M:%SZ}"
    return f"{doc['_id']}  {doc['state']:7}  {doc['attempts']} attempts  due {due}  {doc['error'] or ''}".rstrip()


@jobs.command()
@click.argument("id")
@click.pass_obj
def show(service: "Service", id: str) -> None:
    """Everything that is known of one."""
    click.echo(json.dumps(open_store(service).query(_find, id), indent=2, default=str))


@jobs.command()
@click.argument("ids", nargs=-1)
@all_option
@click.pass_obj
def retry(service: "Service", ids: tuple[str, ...], everything: bool) -> None:
    """Have the worker try them again at once, with all their attempts before them."""
    require_ids(ids, everything)
    store = open_store(service)
    run_for_each(store, store.query(_dead_ids) if everything else ids, queue.retry, _kinds(service))


@jobs.command()
@click.argument("ids", nargs=-1)
@all_option
@reason_option
@click.pass_obj
def drop(service: "Service", ids: tuple[str, ...], everything: bool, reason: str) -> None:
    """Delete them for good: they are never done."""
    require_ids(ids, everything)
    store = open_store(service)
    run_for_each(store, store.query(_dead_ids) if everything else ids, queue.drop, _kinds(service), reason)


def _kinds(service: "Service") -> Mapping[str, queue.Job]:
    return resolve(service.jobs, service.settings())


def _find_all(reader: Reader, states: tuple[str, ...], limit: int, after: str) -> list[Doc]:
    where = {"state": {"$in": list(states)}, "_id": {"$gt": after}}
    return reader.find("jobs", where, [("_id", 1)], limit and limit + 1)


def _find(reader: Reader, id: str) -> Doc:
    doc = reader.get("jobs", id)
    if doc is None:
        raise NotFound(f"There is no job {id}: it was dropped, done long ago, or never asked for.")
    return doc


def _dead_ids(reader: Reader) -> list[str]:
    return [doc["_id"] for doc in reader.find("jobs", {"state": "dead"}, [("_id", 1)], fields=["_id"])]
