"""Replicas of intake's data, kept by its events."""

from services.notify import store
from shared.events.intake import AgencySet
from shared.storage.transaction import Transaction


def replicate_agency(tx: Transaction, event: AgencySet) -> None:
    """Keep that there is such an agency, so that subscriptions can be made for it; Superseded when that is old."""
    store.save_replica(tx, "agencies", event.agency, name=event.name)
    tx.audit(f"agency:{event.agency}", "agency.replicated")
