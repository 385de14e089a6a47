"""What is kept about somebody, for themselves."""

from services.intake import store
from services.intake.domain import Agency
from services.intake.domain.profiles import (
    OwnActs,
    OwnData,
    Profile,
    ProfileView,
    name_of,
    own_role,
    profile_id,
    zone_of,
)
from services.intake.queries.workspace import list_own_rounds
from services.intake.store import acts, comments
from services.intake.store.profiles import find_profile
from shared.core.people import Caller
from shared.storage.reader import Reader


def get_profile(reader: Reader, caller: Caller, name: str) -> ProfileView:
    """Who the caller is here, what they may do, and what they chose; `name` is that of their session."""
    person = store.find_person(reader, caller.issuer, caller.subject)
    grants = person.grants if person else ()
    found = [store.find(reader, Agency, grant.agency) for grant in grants if grant.agency]
    named = {agency.id: agency for agency in found if agency}
    id = profile_id(caller.issuer, caller.subject)
    return ProfileView(
        caller.issuer,
        caller.subject,
        person.id if person else None,
        name_of(person, name),
        tuple(own_role(grant, named.get(grant.agency or "")) for grant in grants),
        find_profile(reader, id) or Profile(id),
        zone_of(list(named.values())),
    )


def get_own_data(reader: Reader, caller: Caller, name: str) -> OwnData:
    """All that is kept about the caller by themselves."""
    rounds = [own.participation.id for own in list_own_rounds(reader, caller)]
    done = tuple(_own_acts(reader, id, caller.id) for id in rounds)
    view = get_profile(reader, caller, name)
    return OwnData(view, tuple(one for one in done if one.answers or one.comments))


def _own_acts(reader: Reader, participation: str, person: str) -> OwnActs:
    said = [one for one in comments.list_comments(reader, participation) if one.by == person]
    return OwnActs(participation, tuple(acts.list_edited(reader, participation, person)), tuple(said))
