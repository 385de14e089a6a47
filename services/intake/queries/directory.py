"""Who may do what, and who is invited, as a page shows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.intake import store
from services.intake.domain import Person
from services.intake.domain.invitations import Invitation
from services.intake.store import directory
from services.intake.store import invitations as kept
from shared.core.people import Caller
from shared.storage.reader import Page, Reader

MOST_PEOPLE, MOST_INVITATIONS, MOST_WAITING = 25, 10, 20


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words, and behind whom and behind which invitation to go on."""

    words: str
    after: str | None
    older: str | None


@dataclass(frozen=True)
class Directory:
    """People and invitations that somebody may see, with the names of the agencies and people that stand in them.

    `waiting` are those for whom a second officer is needed, `choice` the agencies for which the caller invites.
    """

    people: Page[Person]
    waiting: Sequence[Person]
    invitations: Page[Invitation]
    choice: Sequence[tuple[str, str]]
    agencies: Mapping[str, str]
    names: Mapping[str, str]


def get_directory(reader: Reader, caller: Caller, asked: Asked) -> Directory:
    """What the ministry sees of everybody, and a coordinator of the own agencies."""
    officer = caller.has("ministry")
    own = None if officer else caller.agencies("coordinator")
    people = directory.list_people_by_name(reader, asked.words, own, asked.after, MOST_PEOPLE)
    waiting = store.list_people(reader, True, None, MOST_WAITING).rows if officer else []
    invitations = kept.list_newest_invitations(reader, own, asked.older, MOST_INVITATIONS)
    agencies = directory.agency_names(reader, _agencies(people.rows, invitations.rows, own or ()))
    choice = (
        directory.list_agency_names(reader)
        if own is None
        else sorted((id, agencies.get(id, id)) for id in own)
    )
    names = directory.person_names(reader, _people(waiting, invitations.rows))
    return Directory(people, waiting, invitations, choice, agencies, names)


def list_names_of_agencies(reader: Reader, ids: Iterable[str]) -> Mapping[str, str]:
    """How agencies are called."""
    return directory.agency_names(reader, ids)


def _agencies(people: Iterable[Person], invitations: Iterable[Invitation], own: Iterable[str]) -> set[str]:
    held = (grant.agency for person in people for grant in person.grants)
    named = (id for one in invitations for id in (one.agency, one.employer))
    return {id for id in (*held, *named, *own) if id}


def _people(waiting: Iterable[Person], invitations: Iterable[Invitation]) -> set[str]:
    proposers = (one.by for person in waiting for one in person.proposals)
    taken = (id for one in invitations for id in (one.by, one.person))
    return {id for id in (*proposers, *taken) if id}
