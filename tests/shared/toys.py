"""A small service of the tests' own, on real contracts: it counts what it hears of agencies."""

import os
import signal
from typing import Any

import flask

from shared.events.intake import AgencySet, CycleOpened
from shared.events.review import AssessorSet
from shared.hearing import Hears, NotYet, Stale
from shared.mongo import Store
from shared.people import Caller
from shared.service import Service
from shared.settings import Settings
from shared.testing.stage import LONG_AGO
from shared.transaction import Transaction

BAD = "bad"
DEADLY = "deadly"


def on_agency(tx: Transaction, fact: AgencySet) -> None:
    """Count the fact; refuse some on purpose."""
    if fact.group == "Stale":
        raise Stale("known already")
    if fact.group == "NotYet" and not tx.get("agencies", "first"):
        raise NotYet("agency:first")
    if fact.group == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    doc = tx.get("agencies", fact.agency) or {"_id": fact.agency, "count": 0}
    tx.put("agencies", {**doc, "count": doc["count"] + 1, "name": fact.name})
    tx.audit(f"agency:{fact.agency}", "agency.counted", name=fact.name)
    tx.emit(f"agency:{fact.agency}", AssessorSet(fact.agency, "toy", fact.name, LONG_AGO))
    if fact.group == BAD:
        raise ValueError("this fact cannot be handled")


def on_cycle(tx: Transaction, fact: CycleOpened) -> None:
    """Ask a query first, so that what earlier handlers wrote has left already, then fail."""
    tx.put("agencies", {"_id": f"cycle-{fact.cycle}", "count": 1})
    tx.audit(f"cycle:{fact.cycle}", "cycle.counted", there=tx.count("agencies", {}))
    if fact.title == BAD:
        raise ValueError("this fact cannot be handled")


def agency(id: str, group: str = "Kota", name: str = "Nama") -> AgencySet:
    """A fact about an agency."""
    return AgencySet(id, name, group, LONG_AGO)


def no_doors(settings: Settings, store: Store) -> list[flask.Blueprint]:
    """No routes of its own."""
    return []


TOY = Service(
    name="review",
    doors=no_doors,
    handlers={
        AgencySet: Hears(
            on_agency, lambda fact: [("agencies", fact.agency), ("heads", f"agency:{fact.agency}")]
        ),
        CycleOpened: Hears(on_cycle),
    },
    indexes={"agencies": ()},
)

SOMEBODY = Caller("issuer", "somebody", "p-somebody")


def doc(**fields: Any) -> dict[str, Any]:
    """A document with an id."""
    return {"_id": "one", **fields}
