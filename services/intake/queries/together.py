"""What people of one agency see of each other: who is there, and who did what last."""

from collections.abc import Iterable, Mapping

from services.intake import domain
from services.intake.domain import Cycle, EditionRecord, Participation
from services.intake.domain.acts import MOST_ACTS, Acts, acts_of, in_order, repeated
from services.intake.domain.presence import Presence, check_place, others
from services.intake.domain.team import MOST_TEAM, Colleague, team_of
from services.intake.store import acts, comments, directory, find, get_edition, presence, require
from shared.core.ids import utcnow
from shared.core.people import Caller
from shared.replicas.members import find_names
from shared.storage.mongo import Store, with_timeout
from shared.storage.reader import Reader


def check_presence(reader: Reader, caller: Caller, id: str, indicator: str | None) -> None:
    """Refuse to be there to all but the agency's own people, and at what the edition does not have."""
    participation = domain.may_answer(caller, find(reader, Participation, id))
    cycle = require(reader, Cycle, participation.cycle)
    check_place(get_edition(reader, require(reader, EditionRecord, cycle.edition)), indicator)


def list_present(database: Store, caller: Caller, id: str) -> tuple[Presence, ...]:
    """Who else of the agency has a self-assessment open, and at which indicator."""
    database.query(check_presence, caller, id, None)
    with with_timeout():
        return others(presence.list_present(database.db, id), caller.id, utcnow())


def get_acts(reader: Reader, caller: Caller, id: str) -> Acts:
    """What was done last in a self-assessment, and which indicators the caller edited last."""
    domain.may_answer(caller, find(reader, Participation, id))
    entries = acts.list_entries(reader, id)
    files = acts.find_upload_names(reader, (entry.upload for entry in entries if entry.upload))
    said = comments.list_comment_acts(reader, id)
    found = in_order(acts.list_saves(reader, id), acts_of(entries, files), said)
    mine = tuple(acts.list_edited(reader, id, caller.id))
    names = shown_names(reader, (act.person for act in found))
    return Acts(found[:MOST_ACTS], mine, names, repeated(found))


def get_team(reader: Reader, caller: Caller, id: str) -> tuple[Colleague, ...]:
    """Who works on a self-assessment, for those who do."""
    participation = domain.may_answer(caller, find(reader, Participation, id))
    people = directory.list_people_of(reader, participation.agency, MOST_TEAM)
    return team_of(people, participation.agency, reader.now)


def shown_names(reader: Reader, people: Iterable[str]) -> Mapping[str, str]:
    """Under which name each person is shown: what the identity provider calls them, else their id."""
    return find_names(reader, frozenset(people))
