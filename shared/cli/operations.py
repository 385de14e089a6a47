"""Commands that every service has: its dead events, its audit trail, its journal."""

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from shared.core.people import OPERATOR
from shared.events import Unreadable, contracts, decode
from shared.messaging import broker, deferred, outbox
from shared.storage import audit as chain
from shared.storage.joins import verify_joins
from shared.storage.mongo import Store
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction

if TYPE_CHECKING:
    from shared.service import Service


def _store(service: "Service") -> Store:
    store = service.store(service.settings())
    return click.get_current_context().with_resource(closing(store))


@click.group()
def dead() -> None:
    """Facts that could not be handled: look at them, try them again, or drop them."""


@dead.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are still waiting or being retried, too.")
@click.pass_obj
def list_(service: "Service", everything: bool) -> None:
    """One line for each: id, state, tries, type, subject, reason."""
    states = ["dead", "waiting", "retry"] if everything else ["dead"]
    rows = list(_store(service).db["waiting"].find({"state": {"$in": states}}).sort("first_at", 1))
    for row in rows:
        click.echo(
            f"{row['_id']}  {row['state']}  {row['tries']} tries  {row['type']}  {row['subject']}  {row['error']}"
        )
    click.echo(f"{len(rows)} in all", err=True)


@dead.command()
@click.argument("id")
@click.pass_obj
def show(service: "Service", id: str) -> None:
    """Everything that is known of one, its bytes included."""
    row = _row(_store(service), id)
    fields = {key: value for key, value in row.items() if key not in {"body", "trace"}}
    click.echo(json.dumps(fields, indent=2, default=str))
    click.echo(bytes(row["body"]).decode(errors="backslashreplace"))
    click.echo(row.get("trace", ""))


@dead.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead one that can be read.")
@click.pass_obj
def replay(service: "Service", ids: tuple[str, ...], everything: bool) -> None:
    """Have the worker try them again at once."""
    _each(service, ids, everything, revive)


@dead.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead one.")
@click.option("--reason", required=True, help="Why they may be dropped; it goes into the audit trail.")
@click.pass_obj
def drop(service: "Service", ids: tuple[str, ...], everything: bool, reason: str) -> None:
    """Take them out of the box for good."""
    _each(service, ids, everything, discard, reason)


def _row(store: Store, id: str) -> Doc:
    row = store.db["waiting"].find_one({"_id": id})
    if row is None:
        raise click.ClickException(f"There is none called {id} here; `dead list` shows what there is.")
    return row


def _present(tx: Transaction, id: str) -> Doc:
    row = tx.get("waiting", id)
    if row is None:
        raise click.ClickException(f"{id} was handled or dropped in the meantime.")
    return row


def _readable(row: Doc) -> bool:
    try:
        decode(bytes(row["body"]))
    except Unreadable:
        return False
    return True


def _each(service: "Service", ids: tuple[str, ...], everything: bool, command: Any, *arguments: Any) -> None:
    store = _store(service)
    if not ids and not everything:
        raise click.UsageError("Name some ids, or say --all.")
    found = [row["_id"] for row in store.db["waiting"].find({"state": "dead"})] if everything else list(ids)
    for id in found:
        if everything and command is revive and not _readable(_row(store, id)):
            continue
        store.run(command, _row(store, id)["_id"], *arguments, caller=OPERATOR)
        click.echo(id)


def revive(tx: Transaction, id: str) -> None:
    """Make a dead event due at once, with all its tries before it; bytes that can be read by now become an event."""
    row = _present(tx, id)
    try:
        envelope = decode(bytes(row["body"]))
    except Unreadable as problem:
        raise click.ClickException(
            f"{id} cannot be read ({problem}), so it cannot be tried again; it can only be dropped."
        ) from problem
    if id != envelope.id:
        tx.delete("waiting", id)
        row = tx.get("waiting", envelope.id) or deferred.fresh(envelope, bytes(row["body"]), tx.now)
    fields = {"state": "retry", "tries": 0, "begun": 1, "next_at": tx.now, "waits_for": None}
    tx.put("waiting", {**row, **fields})
    tx.audit(envelope.subject, "dead.replayed", event=envelope.id)


def discard(tx: Transaction, id: str, reason: str) -> None:
    """Forget a dead event, in writing; it will not be handled if it comes again."""
    row = _present(tx, id)
    tx.delete("waiting", id)
    if row["type"] != "unreadable":
        tx.insert(
            "inbox", {"_id": id, "type": row["type"], "at": tx.now, "outcome": "dropped", "note": reason}
        )
    tx.audit(row["subject"] or f"bytes:{id}", "dead.dropped", event=id, reason=reason)


@click.group()
def audit() -> None:
    """The audit trail of this service."""


@audit.command()
@click.pass_obj
def verify(service: "Service") -> None:
    """Check every chain against its head and the chains that it joins; exit code 1 when one is broken."""
    store = _store(service)

    def again(subject: str) -> tuple[list[Doc], Doc | None]:
        return store.run(
            lambda tx: (tx.find("audit", {"subject": subject}, [("seq", 1)]), tx.get("heads", subject))
        )

    report = chain.verify_all(
        store.db["heads"].find().sort("_id", 1),
        store.db["audit"].find().sort([("subject", 1), ("seq", 1)]),
        again,
    )
    report += verify_joins(store.db)
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.ok else 1)


@click.command()
@click.option("--to", "hearer", required=True, help="The service whose queue gets them; nobody else does.")
@click.option("--days", type=float, default=400.0, show_default=True, help="How far back.")
@click.pass_obj
def retell(service: "Service", hearer: str, days: float) -> None:
    """Publish this service's journal once more to one hearer, which ignores what it knows already."""
    found = service.settings()
    types = [one.type for one in contracts() if one.producer == service.name and hearer in one.consumers]
    if not types:
        raise click.ClickException(f"{hearer} hears nothing that {service.name} tells.")
    publisher = broker.Publisher(found.amqp_admin_uri or found.amqp_uri, found.prefix, found.queue(hearer))
    click.get_current_context().with_resource(closing(publisher))
    count = outbox.replay(_store(service), publisher, types, days)
    click.echo(f"{count} events told again to {hearer}")


COMMANDS = (dead, audit, retell)
