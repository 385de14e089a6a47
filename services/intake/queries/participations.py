"""Who takes part in a cycle, as the ministry sees it, and one participation with what was extended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake import domain, store
from services.intake.domain import (
    Agency,
    Cycle,
    EditionRecord,
    Participation,
    ParticipationFilter,
    ParticipationView,
)
from services.intake.domain.counts import Counts, counts_of
from services.intake.domain.extensions import Extended
from services.intake.store import directory, participations, rounds
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class Roll:
    """A page of those who take part in a cycle, with their agencies by id."""

    cycle: Cycle
    edition: Edition
    counts: Counts
    rows: Page[ParticipationView]
    agencies: Mapping[str, Agency]


@dataclass(frozen=True)
class Standing:
    """A participation with all that the ministry sees of it, and the names of who extended it."""

    view: ParticipationView
    cycle: Cycle
    edition: Edition
    agency: Agency
    extended: Sequence[Extended]
    names: Mapping[str, str]


def get_roll(reader: Reader, id: str, wanted: ParticipationFilter, after: str | None, limit: int) -> Roll:
    """Who takes part in a cycle; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    found = participations.list_wanted(reader, wanted, None, after, limit)
    rows = found.map(lambda one: ParticipationView(one, domain.windows(cycle, one)))
    agencies = participations.find_agencies(reader, {one.agency for one in found.rows})
    return Roll(cycle, _edition(reader, cycle), counts_of(rounds.list_tallies(reader, cycle)), rows, agencies)


def get_chosen(reader: Reader, id: str, agencies: Sequence[str]) -> Roll:
    """Those of a cycle's agencies that somebody chose; NotFound."""
    cycle = domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
    found = participations.list_wanted(
        reader, ParticipationFilter(id), frozenset(agencies), None, max(len(agencies), 1)
    )
    rows = found.map(lambda one: ParticipationView(one, domain.windows(cycle, one)))
    return Roll(
        cycle,
        _edition(reader, cycle),
        counts_of(()),
        rows,
        participations.find_agencies(reader, {one.agency for one in found.rows}),
    )


def get_standing(reader: Reader, caller: Caller, id: str) -> Standing:
    """One participation; NotFound."""
    one = domain.may_see(caller, store.find(reader, Participation, id))
    cycle = store.require(reader, Cycle, one.cycle)
    extended = participations.list_extended(reader, id)
    return Standing(
        ParticipationView(one, domain.windows(cycle, one)),
        cycle,
        _edition(reader, cycle),
        store.require(reader, Agency, one.agency),
        extended,
        directory.person_names(reader, (each.by for each in extended)),
    )


def list_extended(reader: Reader, caller: Caller, id: str) -> Sequence[Extended]:
    """What was extended of a participation, the last one first; NotFound."""
    domain.may_see(caller, store.find(reader, Participation, id))
    return participations.list_extended(reader, id)


def _edition(reader: Reader, cycle: Cycle) -> Edition:
    return store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))
