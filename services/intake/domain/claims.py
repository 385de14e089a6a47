"""Claims of tasks that are over: the links that review gave for them open nothing any more."""

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.evidence import link_refused
from shared.core.people import AGENCY_ROLES, Caller


@dataclass(frozen=True)
class EndedClaim:
    """The last claim of a task (`id`) that review published to be over; `fence` counts the claims."""

    id: str
    fence: int
    at: datetime
    rev: int = 0


def end_claim(known: EndedClaim | None, task: str, fence: int, now: datetime) -> EndedClaim:
    """What is known of a task when a claim of it ends: those before it are over, too."""
    return known if known and known.fence >= fence else EndedClaim(task, fence, now)


def check_claim(fence: int, ended: EndedClaim | None) -> None:
    """Forbidden when the claim for which a link was given is over."""
    if ended is not None and fence <= ended.fence:
        raise link_refused()


def check_reader(caller: Caller, agency: str) -> None:
    """Forbidden for an agency's own people: links are for assessors, who must have no part in it."""
    if caller.has(*AGENCY_ROLES, agency=agency):
        raise link_refused()
