"""A small service of the tests' own, on real contracts: it counts the events about agencies."""

import os
import signal
from typing import Any

import flask

from shared.core.people import Caller
from shared.core.settings import Settings
from shared.events.intake import AgencySet, CycleOpened
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler, MissingDependency, Superseded
from shared.service import Service
from shared.storage.mongo import Store
from shared.storage.rights import DELETE
from shared.storage.transaction import Transaction
from tests.support.stage import LONG_AGO

BAD = "bad"
DEADLY = "deadly"


def on_agency(tx: Transaction, event: AgencySet) -> None:
    """Count the event; refuse some on purpose."""
    if event.group == "Superseded":
        raise Superseded("known already")
    if event.group == "MissingDependency" and not tx.get("agencies", "first"):
        raise MissingDependency("agency:first")
    if event.group == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    doc = tx.get("agencies", event.agency) or {"_id": event.agency, "count": 0}
    tx.put("agencies", {**doc, "count": doc["count"] + 1, "name": event.name})
    tx.audit(f"agency:{event.agency}", "agency.counted", name=event.name)
    tx.emit(
        f"agency:{event.agency}",
        AssessorSet(assessor=event.agency, issuer="toy", subject=event.name, since=LONG_AGO),
    )
    if event.group == BAD:
        raise ValueError("this event cannot be handled")


def on_cycle(tx: Transaction, event: CycleOpened) -> None:
    """Ask a query first, so that what earlier handlers wrote has left already, then fail."""
    tx.put("agencies", {"_id": f"cycle-{event.cycle}", "count": 1})
    tx.audit(f"cycle:{event.cycle}", "cycle.counted", there=tx.count("agencies", {}))
    if event.title == BAD:
        raise ValueError("this event cannot be handled")


def agency(id: str, group: str = "Kota", name: str = "Nama") -> AgencySet:
    """An event about an agency."""
    return AgencySet(agency=id, name=name, group=group, since=LONG_AGO)


def no_doors(settings: Settings, store: Store) -> list[flask.Blueprint]:
    """No routes of its own."""
    return []


TOY = Service(
    name="review",
    blueprints=no_doors,
    handlers={
        AgencySet: Handler(
            on_agency, lambda event: [("agencies", event.agency), ("heads", f"agency:{event.agency}")]
        ),
        CycleOpened: Handler(on_cycle),
    },
    indexes={"agencies": ()},
    rights={"agencies": DELETE},
)

SOMEBODY = Caller("issuer", "somebody", "p-somebody")


def doc(**fields: Any) -> dict[str, Any]:
    """A document with an id."""
    return {"_id": "one", **fields}
