"""What notify consumes: every event goes to the streams, and some are kept as replicas too."""

from contextlib import suppress

from services.notify import commands, domain
from shared.events import contract_of, contracts
from shared.events.intake import AgencySet, MemberSet
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler, Superseded
from shared.replicas.members import ASSESSORS, MEMBERS
from shared.storage.transaction import Transaction

TouchedIds = list[tuple[str, str]]


def _touched(event: object) -> TouchedIds:
    scopes = domain.scopes_concerned(contract_of(event).type, getattr(event, "agency", None))
    return [("rosters", scope) for scope in scopes or ()]


def _touched_by_agency(event: AgencySet) -> TouchedIds:
    return [("agencies", event.agency), ("heads", f"agency:{event.agency}")]


def _replicated(replica: Handler) -> Handler:
    """Keep a replica too, unless a later event about it came already: the streams get the event either way."""

    def handle(tx: Transaction, event: object) -> None:
        with suppress(Superseded):
            replica.handler(tx, event)
        commands.publish(tx, event)

    return Handler(handle, lambda event: [*_touched(event), *replica.touches(event)])


HANDLERS = {
    contract.event_class: Handler(commands.publish, _touched)
    for contract in contracts()
    if "notify" in contract.consumers
}
HANDLERS |= {
    AgencySet: _replicated(Handler(commands.replicate_agency, _touched_by_agency)),
    MemberSet: _replicated(MEMBERS),
    AssessorSet: _replicated(ASSESSORS),
}
