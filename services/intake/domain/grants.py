"""Roles as they are given and taken away: which wait for a second officer, and which still count afterwards."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from services.intake.domain.registry import Grant, Person, Proposal
from shared.core.errors import Conflict, Forbidden
from shared.core.people import Caller, PastRole, remember

MINISTRY = "ministry"
"""The role that one officer cannot give alone."""


def check_of_another(caller: Caller, stored: Person | None, wanted: Person) -> None:
    """Refuse to whoever is that person, or is to become it, to change what it may do; raises Forbidden."""
    unchanged = stored is not None and replace(wanted, rev=stored.rev) == stored
    own = (caller.issuer, caller.subject) in {person.identity for person in (stored, wanted) if person}
    if own and not unchanged:
        raise Forbidden("Nobody changes what they may do themselves: ask another officer.", "own-roles")


def check_stays_who(stored: Person | None, wanted: Person, now: datetime) -> None:
    """Refuse to let an officer's record mean somebody else: it would act under that officer's id. Raises Conflict."""
    if stored is None or stored.identity == wanted.identity:
        return
    if any(grant.role == MINISTRY and (grant.until is None or now < grant.until) for grant in stored.grants):
        raise Conflict(
            f"{stored.id} is an officer of the ministry, and stays {stored.subject} of {stored.issuer}: take the role "
            "away first (leave ministry out of `grants`), then invite the other person anew, under an id of their own.",
            "officer-identity",
        )


def set_grants(stored: Person | None, wanted: Person, by: str, now: datetime) -> Person:
    """The person with exactly the wanted grants: `ministry` as somebody proposes it, all others at once.

    What it gives no more than is in force already needs nobody; another identity has nothing in force.
    """
    before = stored or replace(wanted, grants=())
    held = before.grants if before.identity == wanted.identity else ()
    new = [grant for grant in wanted.grants if grant.role == MINISTRY and not _is_covered(grant, held)]
    after = replace(
        wanted,
        grants=_in_force(wanted, held, new),
        proposals=tuple(_proposal(before, wanted, grant, by) for grant in dict.fromkeys(new)),
        name=before.name if before.identity == wanted.identity else "",
    )
    return replace(after, past=_past(before, after, now))


def propose(person: Person, grant: Grant, by: str) -> Person:
    """The person with a role proposed; the same person when it is in force or proposed already."""
    if _is_covered(grant, person.grants) or any(_has_no_end(one.grant, grant) for one in person.proposals):
        return person
    return replace(person, proposals=(*person.proposals, Proposal(grant, by)))


def give(person: Person, grant: Grant) -> Person:
    """The person with a role in force, whoever proposed it; the same person when it is so already."""
    if any(_has_no_end(one, grant) for one in person.grants):
        return person
    rest = tuple(one for one in person.proposals if not _has_no_end(one.grant, grant))
    return replace(person, grants=(*person.grants, grant), proposals=rest)


def confirm(person: Person, caller: Caller) -> Person:
    """The person with what others proposed in force; the same one when nothing is proposed.

    Forbidden for the person itself, and for whoever proposed all of it.
    """
    if not person.proposals:
        return person
    if person.identity == (caller.issuer, caller.subject):
        raise Forbidden("Nobody confirms what they may do themselves: ask another officer.", "own-roles")
    foreign = [one.grant for one in person.proposals if one.by != caller.id]
    if not foreign:
        raise Forbidden("You proposed this yourself: another officer confirms it.", "second-officer-needed")
    kept = (grant for grant in person.grants if not _is_covered(grant, foreign))
    own = tuple(one for one in person.proposals if one.by == caller.id)
    return replace(person, grants=(*kept, *foreign), proposals=own)


def _in_force(wanted: Person, held: Iterable[Grant], new: Collection[Grant]) -> tuple[Grant, ...]:
    """What is wanted and not new, and what is held until more of the same is confirmed."""
    kept = (grant for grant in held if grant not in wanted.grants and _is_covered(grant, new))
    return (*(grant for grant in wanted.grants if grant not in new), *kept)


def _proposal(before: Person, wanted: Person, grant: Grant, by: str) -> Proposal:
    known = before.proposals if before.identity == wanted.identity else ()
    return next((one for one in known if one.grant == grant), Proposal(grant, by))


def _is_covered(grant: Grant, by: Iterable[Grant]) -> bool:
    """Whether one of the grants gives the same role, no later and no shorter."""
    return any(
        (other.role, other.agency) == (grant.role, grant.agency)
        and other.since <= grant.since
        and (other.until is None or (grant.until is not None and grant.until <= other.until))
        for other in by
    )


def _has_no_end(one: Grant, grant: Grant) -> bool:
    return (one.role, one.agency, one.until) == (grant.role, grant.agency, None)


def _past(before: Person, after: Person, now: datetime) -> tuple[PastRole, ...]:
    past = before.past
    for role in _taken_away(before, after, now):
        past = remember(past, role)
    return past


def _taken_away(before: Person, after: Person, now: datetime) -> Iterator[PastRole]:
    """What was held until now and what the grants afterwards do not tell any more."""
    told = after.grants if before.identity == after.identity else ()
    for grant in before.grants:
        end = min(grant.until or now, now)
        if grant.agency and grant.since < end and not _is_covered(replace(grant, until=end), told):
            yield PastRole(
                issuer=before.issuer,
                subject=before.subject,
                role=grant.role,
                agency=grant.agency,
                since=grant.since,
                until=end,
            )
