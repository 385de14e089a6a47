"""One conflict of interest more, or one less, of those that an assessor has."""

from services.review.domain.assessors import Assessor, ConflictsOrder, Declaration, is_itself
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import Caller


def order_with(assessor: Assessor, declaration: Declaration) -> ConflictsOrder:
    """The order that adds a conflict of interest to those that stand.

    Sent again it changes nothing; Conflict when one with this agency stands there for another reason.
    """
    known = [_declaration(interest.agency, interest.reason) for interest in assessor.conflicts]
    if declaration in known:
        return ConflictsOrder(tuple(known))
    if any(one.agency == declaration.agency for one in known):
        raise Conflict(
            f"A conflict of interest with {declaration.agency} is declared already.", "already-declared"
        )
    return ConflictsOrder((*known, declaration))


def order_without(assessor: Assessor, agency: str, reason: str, caller: Caller) -> ConflictsOrder:
    """The order that takes a conflict of interest back, for a reason.

    Forbidden to the assessor itself, NotFound where none with this agency stands.
    """
    if is_itself(caller, assessor):
        raise Forbidden(
            "Nobody takes back a conflict of interest of their own: ask another officer.", "own-conflict"
        )
    kept = [interest for interest in assessor.conflicts if interest.agency != agency]
    if len(kept) == len(assessor.conflicts):
        raise NotFound(f"No conflict of interest with {agency} is declared.")
    return ConflictsOrder(tuple(_declaration(one.agency, one.reason) for one in kept), reason)


def _declaration(agency: str, reason: str) -> Declaration:
    return Declaration(agency, reason)
