"""What the commands of every service have in common: its store, lists of documents, one command for several ids."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from shared.core.errors import AppError
from shared.core.people import OPERATOR
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.transaction import Origin

if TYPE_CHECKING:
    from shared.service import Service

limit_option = click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, help="How many at most; 0: all."
)
after_option = click.option("--after", metavar="ID", default="", help="Go on behind this id.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on each line.")
all_option = click.option("--all", "everything", is_flag=True, help="All that are dead.")
reason_option = click.option(
    "--reason", required=True, help="Why it may be dropped; goes into the audit trail."
)


def state_option(states: Sequence[str]) -> Callable[..., Any]:
    """The option by which a list is narrowed to some of these states."""
    text = "Only those in this state; may be given several times."
    return click.option("--state", "states", type=click.Choice(states), multiple=True, help=text)


def open_store(service: "Service") -> Store:
    """The service's store, closed when the command ends."""
    store = service.store(service.settings())
    return click.get_current_context().with_resource(closing(store))


def print_list(docs: Iterable[Doc], line: Callable[[Doc], str], limit: int, as_json: bool) -> None:
    """Print up to `limit` documents (0: all), one on each line, and say on stderr whether there are more."""
    found = iter(docs)
    count, last = 0, ""
    for doc in islice(found, limit or None):
        click.echo(_json(doc) if as_json else printable(line(doc)))
        count, last = count + 1, doc["_id"]
    more = f"; go on with --after {last}" if limit and next(found, None) is not None else ""
    click.echo(f"{count} listed{more}", err=True)


def printable(text: str) -> str:
    """A text that a stranger may have sent, without what a terminal would obey."""
    return "".join(sign if sign.isprintable() or sign in "\t" else repr(sign)[1:-1] for sign in text)


def _json(doc: Doc) -> str:
    return json.dumps({key: value for key, value in doc.items() if key != "body"}, default=str)


def run_for_each(store: Store, ids: Sequence[str], command: Callable[..., None], *arguments: Any) -> None:
    """Run a command for each id in a transaction of its own; prints the ids, and ends with 1 when one was refused."""
    refused = 0
    for id in ids:
        try:
            store.run(command, id, *arguments, origin=Origin(OPERATOR))
        except AppError as problem:
            refused += 1
            click.echo(f"{id}: {problem.detail}", err=True)
        else:
            click.echo(id)
    if refused:
        raise SystemExit(1)


def require_ids(ids: Sequence[str], everything: bool) -> None:
    """UsageError unless either ids or --all was given."""
    if bool(ids) == everything:
        raise click.UsageError("Name some ids, or say --all, not both.")
