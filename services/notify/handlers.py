"""What notify does with what it hears: keep its own copies, and hand every fact to the streams."""

from collections.abc import Iterable

from services.notify import commands, store
from services.notify.domain import MINISTRY
from shared import members
from shared.events import contracts
from shared.events.intake import AgencySet, MemberSet
from shared.events.review import AssessorSet
from shared.hearing import Hears
from shared.transaction import Transaction


def on_agency_set(tx: Transaction, fact: AgencySet) -> None:
    """Know that there is such an agency."""
    commands.copy_agency(tx, fact)
    commands.publish(tx, fact)


def on_member_set(tx: Transaction, fact: MemberSet) -> None:
    """Take over what a person may do, unless that was overtaken; the streams get it either way."""
    if store.heard(tx, "people", fact.person) < tx.sequence:
        members.on_member_set(tx, fact)
    commands.publish(tx, fact)


def on_assessor_set(tx: Transaction, fact: AssessorSet) -> None:
    """Take over that somebody is an assessor, unless that was overtaken; the streams get it either way."""
    if store.heard(tx, "people", f"assessor:{fact.assessor}") < tx.sequence:
        members.on_assessor_set(tx, fact)
    commands.publish(tx, fact)


def _rosters(fact: object) -> list[tuple[str, str]]:
    scopes = (MINISTRY, getattr(fact, "agency", None))
    return [("rosters", scope) for scope in scopes if scope]


def _agency(fact: AgencySet) -> Iterable[tuple[str, str]]:
    return [*_rosters(fact), ("agencies", fact.agency), ("heads", f"agency:{fact.agency}")]


HANDLERS = {one.fact: Hears(commands.publish, _rosters) for one in contracts() if "notify" in one.heard_by}
HANDLERS |= {
    AgencySet: Hears(on_agency_set, _agency),
    MemberSet: Hears(on_member_set, lambda fact: [*_rosters(fact), *members.MEMBERS.touches(fact)]),
    AssessorSet: Hears(on_assessor_set, lambda fact: [*_rosters(fact), *members.ASSESSORS.touches(fact)]),
}
