"""What notify consumes: every event goes to the streams, and some are kept as replicas too."""

from contextlib import suppress

from services.notify import commands, domain
from shared.events import contract_of, contracts
from shared.events.intake import AgencySet, MemberSet, SessionEnded
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler, Superseded
from shared.replicas.agencies import AGENCIES
from shared.replicas.members import ASSESSORS, MEMBERS
from shared.replicas.sessions import ENDED_SESSIONS
from shared.storage.transaction import Transaction

DocumentIds = list[tuple[str, str]]


def _reads(event: object) -> DocumentIds:
    scopes = domain.scopes_concerned(contract_of(event).feeds, getattr(event, "agency", None))
    return [("rosters", scope) for scope in scopes or ()]


def _replicated(replica: Handler) -> Handler:
    """Keep a replica too, unless a later event about it came already: the streams get the event once either way."""

    def handle(tx: Transaction, event: object) -> None:
        with suppress(Superseded):
            replica.handler(tx, event)
        if not tx.context.again:
            commands.publish(tx, event)

    return Handler(handle, lambda event: [*_reads(event), *replica.reads(event)], replica.replica)


HANDLERS = {
    contract.event_class: Handler(commands.publish, _reads)
    for contract in contracts()
    if "notify" in contract.consumers and contract.feeds
}
HANDLERS |= {
    AgencySet: _replicated(AGENCIES),
    MemberSet: _replicated(MEMBERS),
    SessionEnded: ENDED_SESSIONS,
    AssessorSet: _replicated(ASSESSORS),
}
