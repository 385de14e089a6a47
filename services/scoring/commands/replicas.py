"""Replicas of intake's data, kept by its events."""

from services.scoring import store
from shared.events.intake import AgencySet
from shared.storage.transaction import Transaction


def replicate_agency(tx: Transaction, event: AgencySet) -> None:
    """Keep what an agency is called now; raises Superseded when a later event came already."""
    store.save_replica(tx, "agencies", event.agency, name=event.name, group=event.group)
    tx.audit(f"agency:{event.agency}", "agency.replicated")
