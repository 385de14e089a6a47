"""Which invitations there are."""

from collections.abc import Sequence

from services.intake import store
from services.intake.domain import Agency, Grant, invitations
from services.intake.domain.invitations import Invitation
from services.intake.store import invitations as kept
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_invitations(reader: Reader, caller: Caller, after: str | None, limit: int) -> Page[Invitation]:
    """The invitations by id: for the ministry all, for coordinators those of their agencies."""
    agencies = None if caller.has("ministry") else caller.agencies("coordinator")
    return kept.list_invitations(reader, agencies, after, limit)


def get_invitation(reader: Reader, token: str) -> tuple[Invitation, str]:
    """The open invitation of a link, with the name of the agency in it; NotFound or Conflict says why there is none."""
    id = invitations.invitation_id(token)
    found = invitations.opened(kept.find_invitation(reader, id), reader.now)
    named = found.agency or found.employer
    agency = store.find(reader, Agency, named) if named else None
    return found, agency.name if agency else ""


def list_proposed(reader: Reader, caller: Caller) -> Sequence[Grant]:
    """The caller's roles that wait for a second officer."""
    person = store.find_person(reader, caller.issuer, caller.subject)
    return [one.grant for one in person.proposals] if person else []
