"""How somebody wishes to read: their time zone and their language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.intake.domain.acts import Edited
from services.intake.domain.comments import Comment
from services.intake.domain.registry import Agency, Grant, Person


@dataclass(frozen=True)
class Profile:
    """What somebody chose: the name of a zone, or None for their agency's; a language, or None for the browser's."""

    id: str
    zone: str | None = None
    language: str | None = None
    rev: int = 0


@dataclass(frozen=True)
class ProfileDraft:
    """What somebody chooses."""

    zone: str | None
    language: str | None

    def of(self, id: str) -> Profile:
        """The profile of that id."""
        return Profile(id, self.zone, self.language)


@dataclass(frozen=True)
class OwnRole:
    """A role that somebody holds, with the agency's name."""

    role: str
    agency: str | None
    agency_name: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ProfileView:
    """Who somebody is here, what they may do, what they chose, and the zone that counts without a choice."""

    issuer: str
    subject: str
    person: str | None
    name: str
    roles: tuple[OwnRole, ...]
    profile: Profile
    agency_zone: str | None

    @property
    def zone(self) -> str | None:
        """The zone in which they read."""
        return self.profile.zone or self.agency_zone


@dataclass(frozen=True)
class OwnActs:
    """What somebody did in a self-assessment: the answers saved last, and the comments left."""

    participation: str
    answers: tuple[Edited, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True)
class OwnData:
    """All that intake keeps about somebody by themselves."""

    view: ProfileView
    acts: tuple[OwnActs, ...]


def profile_id(issuer: str, subject: str) -> str:
    """The id of the profile of whom the identity provider knows so, whether they have a role or not."""
    return sha256(f"{issuer}|{subject}".encode()).hexdigest()[:32]


def own_role(grant: Grant, agency: Agency | None) -> OwnRole:
    """A role with its agency's name."""
    return OwnRole(grant.role, grant.agency, agency.name if agency else None, grant.since, grant.until)


def zone_of(agencies: Sequence[Agency]) -> str | None:
    """The zone of the first of the agencies that has one."""
    return next((agency.zone for agency in agencies if agency.zone), None)


def name_of(person: Person | None, otherwise: str) -> str:
    """How the identity provider calls somebody."""
    return (person.name if person else "") or otherwise
