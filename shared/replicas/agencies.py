"""Each service's own copy of the agencies, kept by the events that intake publishes."""

from shared.events.intake import AgencySet
from shared.messaging.inbox import Handler
from shared.replicas.saving import save_replica
from shared.storage.transaction import Transaction


def on_agency_set(tx: Transaction, event: AgencySet) -> None:
    """Keep an agency's name and group."""
    save_replica(tx, "agencies", event.agency, name=event.name, group=event.group)
    tx.audit(f"agency:{event.agency}", "agency.replicated")


AGENCIES = Handler(
    on_agency_set, lambda event: [("agencies", event.agency), ("heads", f"agency:{event.agency}")], "agencies"
)
