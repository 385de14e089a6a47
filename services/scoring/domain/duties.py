"""Separation of duties: two officers for each result, and neither of them has a part in its case or its agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.scoring.domain.results import PUBLISHED, Decision, Result, check_publishable
from shared.core.canonical import timestamp
from shared.core.errors import AppError, Conflict, Forbidden


@dataclass(frozen=True)
class HeldRole:
    """A role that somebody holds or held, from a moment to a moment (open when None).

    It is for an agency, or that of the assessor with this id, or for neither.
    """

    since: datetime
    until: datetime | None = None
    agency: str | None = None
    assessor: str | None = None

    def was_held(self, opens: datetime | None, now: datetime) -> bool:
        """Whether it was held at any moment from the cycle's opening (None: not known, so ever) until now."""
        return self.since <= now and (self.until is None or opens is None or self.until > opens)


@dataclass(frozen=True)
class Officer:
    """Who is about to decide: the roles that they hold or ever held, and when the cycle opened (None: unknown)."""

    roles: Sequence[HeldRole]
    cycle_opens: datetime | None


@dataclass(frozen=True)
class Outlook:
    """What would come of a decision on a result now: it is `taken` already, `refused`, or nothing stands against it.

    `is_own` says of one that is taken whether whoever asks took it.
    """

    result: Result
    taken: Decision | None = None
    refused: AppError | None = None
    is_own: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it would be taken."""
        return self.taken is None and self.refused is None


def look_ahead(result: Result, decision: Decision, officer: Officer) -> Outlook:
    """What would come of a decision, which is not taken by this."""
    if taken := result.decision(decision.what):
        return Outlook(result, taken, is_own=_is_by_the_same(taken, decision))
    try:
        check_decision(result, decision, officer)
    except (Conflict, Forbidden) as refused:
        return Outlook(result, refused=refused)
    return Outlook(result)


def look_ahead_all(
    results: Sequence[Result],
    decision: Decision,
    roles: Sequence[HeldRole],
    opens: Mapping[str, datetime | None],
) -> list[Outlook]:
    """What would come of a decision on each result, by whoever holds these roles; `opens` by the ids of cycles."""
    return [look_ahead(one, decision, Officer(roles, opens[one.score.basis.cycle])) for one in results]


def deciders(outlooks: Sequence[Outlook]) -> set[str]:
    """Who took the decisions that are taken already, by their ids."""
    return {one.taken.by for one in outlooks if one.taken}


def check_decision(result: Result, decision: Decision, officer: Officer) -> None:
    """Refuse a decision that may not be taken: out of turn (Conflict), or not by this officer (Forbidden)."""
    if decision.what == PUBLISHED:
        check_publishable(result)
        check_second_officer(result, decision)
    check_impartial(result, officer, decision.at)


def is_repeated(result: Result, decision: Decision) -> bool:
    """Whether the same officer decided just this already; Conflict when it was decided otherwise."""
    taken = result.decision(decision.what)
    if taken is None:
        return False
    if _is_by_the_same(taken, decision) and taken.note == decision.note:
        return True
    raise Conflict(
        f"This result was {taken.what} by {taken.by} at {timestamp(taken.at)} already: nothing changed, "
        "and what you sent was not kept.",
        "already-decided",
        {"decision": {"what": taken.what, "by": taken.by, "at": taken.at}},
    )


def check_second_officer(result: Result, decision: Decision) -> None:
    """Refuse to whoever approved a result to publish it too; raises Forbidden."""
    if any(_is_by_the_same(before, decision) for before in result.decisions):
        raise Forbidden(
            "You approved this result yourself: another officer publishes it.", "second-officer-needed"
        )


def check_impartial(result: Result, officer: Officer, now: datetime) -> None:
    """Refuse to decide to whoever had a part in the case, or in its agency during the cycle; raises Forbidden."""
    in_cycle = [role for role in officer.roles if role.was_held(officer.cycle_opens, now)]
    if any(role.agency == result.score.basis.agency for role in in_cycle):
        raise Forbidden(
            f"You hold, or held in this cycle, a role at {result.score.basis.agency}: "
            "other officers decide on its result.",
            "own-agency",
        )
    if _rated(result, officer.roles, in_cycle):
        raise Forbidden("You held a task of this case: other officers decide on its result.", "own-case")


def _rated(result: Result, ever: Sequence[HeldRole], in_cycle: Sequence[HeldRole]) -> bool:
    if result.assessors:
        return any(role.assessor in result.assessors for role in ever)
    # Who held its tasks was not said: then it may be anybody who was an assessor at the time.
    return any(role.assessor for role in in_cycle)


def _is_by_the_same(one: Decision, other: Decision) -> bool:
    known = (one.issuer, one.subject) == (other.issuer, other.subject) != ("", "")
    return known or one.by == other.by
