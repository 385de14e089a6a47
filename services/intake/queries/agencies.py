"""What the ministry sees of agencies: found by name and group, each with the cycles in which it takes part."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.intake import domain, store
from services.intake.domain import Agency, Cycle, Participation, ParticipationView
from services.intake.domain.registry import AgencyFilter
from services.intake.store import rounds
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class Part:
    """A cycle in which an agency takes part, and how."""

    cycle: Cycle
    view: ParticipationView


@dataclass(frozen=True)
class AgencyView:
    """An agency, and the cycles in which it takes part, the latest first."""

    agency: Agency
    parts: Sequence[Part]


def list_agencies(reader: Reader, wanted: AgencyFilter, after: str | None, limit: int) -> Page[Agency]:
    """The agencies that are asked for, by id, after that id."""
    return rounds.list_agencies(reader, wanted, after, limit)


def get_agency_view(reader: Reader, id: str) -> AgencyView:
    """One agency; NotFound."""
    agency = domain.existing(store.find(reader, Agency, id), f"agency {id}")
    found = store.list_participations_of(reader, id)
    cycles = rounds.list_cycles(reader, (one.cycle for one in found))
    parts = [_part(cycles[one.cycle], one) for one in found]
    return AgencyView(agency, sorted(parts, key=lambda part: part.cycle.opens, reverse=True))


def _part(cycle: Cycle, one: Participation) -> Part:
    return Part(cycle, ParticipationView(one, domain.windows(cycle, one)))
