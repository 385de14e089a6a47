"""What notify does with what it hears: keep its own copies, and hand every event to the streams."""

from collections.abc import Iterable

from services.notify import commands, store
from services.notify.domain import MINISTRY
from shared.events import contracts
from shared.events.intake import AgencySet, MemberSet
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler
from shared.replicas import members
from shared.storage.transaction import Transaction


def on_agency_set(tx: Transaction, event: AgencySet) -> None:
    """Know that there is such an agency."""
    commands.copy_agency(tx, event)
    commands.publish(tx, event)


def on_member_set(tx: Transaction, event: MemberSet) -> None:
    """Take over what a person may do, unless that was overtaken; the streams get it either way."""
    if store.heard(tx, "people", event.person) < tx.sequence:
        members.on_member_set(tx, event)
    commands.publish(tx, event)


def on_assessor_set(tx: Transaction, event: AssessorSet) -> None:
    """Take over that somebody is an assessor, unless that was overtaken; the streams get it either way."""
    if store.heard(tx, "people", f"assessor:{event.assessor}") < tx.sequence:
        members.on_assessor_set(tx, event)
    commands.publish(tx, event)


def _rosters(event: object) -> list[tuple[str, str]]:
    scopes = (MINISTRY, getattr(event, "agency", None))
    return [("rosters", scope) for scope in scopes if scope]


def _agency(event: AgencySet) -> Iterable[tuple[str, str]]:
    return [*_rosters(event), ("agencies", event.agency), ("heads", f"agency:{event.agency}")]


HANDLERS = {
    one.event_class: Handler(commands.publish, _rosters) for one in contracts() if "notify" in one.consumers
}
HANDLERS |= {
    AgencySet: Handler(on_agency_set, _agency),
    MemberSet: Handler(on_member_set, lambda event: [*_rosters(event), *members.MEMBERS.touches(event)]),
    AssessorSet: Handler(
        on_assessor_set, lambda event: [*_rosters(event), *members.ASSESSORS.touches(event)]
    ),
}
