"""What the ministry sees of cycles and editions: each with its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake import domain, store
from services.intake.domain import Cycle, EditionRecord
from services.intake.domain.control import numbers_of
from services.intake.domain.counts import Counts, counts_of
from services.intake.queries.awaited import get_awaited
from services.intake.store import rounds
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class CycleRow:
    """A cycle in a list, and how many agencies take part."""

    cycle: Cycle
    participants: int


@dataclass(frozen=True)
class CycleView:
    """A cycle with its edition, how far its agencies are, and how many are at which place."""

    cycle: Cycle
    edition: Edition
    counts: Counts
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class EditionView:
    """An edition with all that it says, and the cycles that are played with it."""

    record: EditionRecord
    edition: Edition
    cycles: Sequence[Cycle]


def list_cycle_rows(reader: Reader, after: str | None, limit: int) -> Page[CycleRow]:
    """The cycles by id, after that id."""
    found = store.list_page(reader, Cycle, {}, after, limit)
    counts = rounds.count_participants_of(reader, (one.id for one in found.rows))
    return found.map(lambda one: CycleRow(one, counts.get(one.id, 0)))


def get_cycle_view(reader: Reader, id: str) -> CycleView:
    """One cycle; NotFound."""
    cycle, edition = get_planned(reader, id)
    tallies, awaited = rounds.list_tallies(reader, cycle), get_awaited(reader, cycle, edition)
    return CycleView(cycle, edition, counts_of(tallies), numbers_of(tallies, edition, awaited))


def get_counts(reader: Reader, id: str) -> Counts:
    """How far the agencies of a cycle are; NotFound."""
    return counts_of(rounds.list_tallies(reader, _cycle(reader, id)))


def list_edition_views(reader: Reader, caller: Caller, after: str | None, limit: int) -> Page[EditionView]:
    """The editions that somebody may see, by id; without their cycles."""
    where = {} if caller.has("ministry") else {"published_at": {"$ne": None}}
    found = store.list_page(reader, EditionRecord, where, after, limit)
    return found.map(lambda one: EditionView(one, store.get_edition(reader, one), ()))


def get_edition_view(reader: Reader, caller: Caller, id: str) -> EditionView:
    """One edition; NotFound."""
    record = domain.may_see_edition(caller, store.find(reader, EditionRecord, id), id)
    return EditionView(record, store.get_edition(reader, record), rounds.list_cycles_of(reader, id))


def get_planned(reader: Reader, id: str) -> tuple[Cycle, Edition]:
    """One cycle with its edition; NotFound."""
    cycle = _cycle(reader, id)
    return cycle, store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))


def list_published_editions(reader: Reader) -> Sequence[EditionView]:
    """The editions with which a cycle may be planned, by id; without their cycles."""
    found = rounds.list_published(reader)
    return [EditionView(one, store.get_edition(reader, one), ()) for one in found]


def _cycle(reader: Reader, id: str) -> Cycle:
    return domain.existing(store.find(reader, Cycle, id), f"cycle {id}")
