"""Who takes part in a cycle, as the ministry sees it, and one participation with what was extended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake import domain, store
from services.intake.domain import (
    Agency,
    Cycle,
    EditionRecord,
    Participation,
    ParticipationFilter,
    ParticipationView,
)
from services.intake.domain.control import (
    Place,
    PlaceFilter,
    all_of,
    chosen_of,
    numbers_of,
    place_of,
    since,
    tally_of,
)
from services.intake.domain.extensions import Extended
from services.intake.domain.seals import Seals, seals_of
from services.intake.queries.awaited import get_awaited
from services.intake.store import directory, participations, rounds, submissions
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class Control:
    """A cycle with its edition, and how many agencies are at which place."""

    cycle: Cycle
    edition: Edition
    numbers: Mapping[str, int]

    @property
    def all(self) -> int:
        """Everybody who takes part."""
        return all_of(self.numbers)


@dataclass(frozen=True)
class RollRow:
    """One that takes part in a cycle: with its agency, where it is, and since when as far as anything tells."""

    view: ParticipationView
    agency: Agency
    place: Place
    since: datetime | None


@dataclass(frozen=True)
class Roll(Control):
    """A page of those who take part in a cycle, and how many of all are at which place."""

    rows: Page[RollRow]


@dataclass(frozen=True)
class Standing:
    """A participation with all that the ministry sees of it, and the names of who extended it."""

    view: ParticipationView
    cycle: Cycle
    edition: Edition
    agency: Agency
    place: Place
    since: datetime | None
    extended: Sequence[Extended]
    names: Mapping[str, str]


def get_control(reader: Reader, id: str) -> Control:
    """How many agencies of a cycle are where; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    edition = _edition(reader, cycle)
    awaited = get_awaited(reader, cycle, edition)
    return Control(cycle, edition, numbers_of(rounds.list_tallies(reader, cycle), edition, awaited))


def get_seals(reader: Reader, id: str) -> Seals:
    """How many agencies of a cycle sealed by when; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    return seals_of(cycle, submissions.count_seals(reader, id), reader.now)


def get_roll(reader: Reader, id: str, wanted: PlaceFilter, after: str | None, limit: int) -> Roll:
    """Who takes part in a cycle, of those that are asked for; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    edition, tallies = _edition(reader, cycle), rounds.list_tallies(reader, cycle)
    awaited = get_awaited(reader, cycle, edition)
    chosen = chosen_of(wanted, tallies, edition, awaited)
    found = rounds.list_chosen(reader, cycle, chosen, after, limit)
    return Roll(cycle, edition, numbers_of(tallies, edition, awaited), _rows(reader, cycle, edition, found))


def get_chosen(reader: Reader, id: str, agencies: Sequence[str]) -> Roll:
    """Those of a cycle's agencies that somebody chose; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    edition, wanted = _edition(reader, cycle), ParticipationFilter(id)
    found = participations.list_wanted(reader, wanted, frozenset(agencies), None, max(len(agencies), 1))
    return Roll(cycle, edition, {}, _rows(reader, cycle, edition, found))


def _rows(reader: Reader, cycle: Cycle, edition: Edition, found: Page[Participation]) -> Page[RollRow]:
    agencies = participations.find_agencies(reader, {one.agency for one in found.rows})

    def row(one: Participation) -> RollRow:
        place = place_of(tally_of(cycle, one, reader.now), edition)
        view = ParticipationView(one, domain.windows(cycle, one))
        return RollRow(view, agencies[one.agency], place, since(one))

    return found.map(row)


def get_standing(reader: Reader, caller: Caller, id: str) -> Standing:
    """One participation; NotFound."""
    one = domain.may_see(caller, store.find(reader, Participation, id))
    cycle = store.require(reader, Cycle, one.cycle)
    edition = _edition(reader, cycle)
    extended = participations.list_extended(reader, id)
    return Standing(
        ParticipationView(one, domain.windows(cycle, one)),
        cycle,
        edition,
        store.require(reader, Agency, one.agency),
        place_of(tally_of(cycle, one, reader.now), edition),
        since(one),
        extended,
        directory.person_names(reader, (each.by for each in extended)),
    )


def list_extended(reader: Reader, caller: Caller, id: str) -> Sequence[Extended]:
    """What was extended of a participation, the last one first; NotFound."""
    domain.may_see(caller, store.find(reader, Participation, id))
    return participations.list_extended(reader, id)


def _edition(reader: Reader, cycle: Cycle) -> Edition:
    return store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))
