"""Published results, for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.scoring import domain, store
from services.scoring.domain import (
    Change,
    Listing,
    Means,
    PublicationFilter,
    PublishedCycle,
    Result,
    Score,
    Year,
)
from shared.core.errors import NotFound
from shared.instrument import Edition
from shared.storage.reader import Reader


@dataclass(frozen=True)
class PublishedRound:
    """What is published of a cycle, as far as it is wanted, with all cycles of which something is."""

    cycle: PublishedCycle
    cycles: Sequence[PublishedCycle]
    edition: Edition
    listing: Listing


def find_published_round(
    reader: Reader, cycle: str | None, wanted: PublicationFilter
) -> PublishedRound | None:
    """The published results of a cycle, or of the latest; None while nothing is published at all.

    Raises NotFound for a cycle of which nothing is.
    """
    cycles = store.list_published_cycles(reader)
    if not cycles and cycle is None:
        return None
    chosen = next((one for one in cycles if cycle in (None, one.id)), None)
    if chosen is None:
        raise NotFound("There is no such cycle of which results are published.")
    found = store.list_publications(reader, chosen.id)
    edition = store.require_instrument(reader, found[0].edition).edition
    return PublishedRound(chosen, cycles, edition, domain.listing(found, wanted))


@dataclass(frozen=True)
class PublishedResult:
    """A published result with its nodes, what it stands among, and what changed since the year before."""

    result: Result
    cycle: PublishedCycle
    group: str
    edition: Edition
    means: Means
    change: Change | None


def get_published_result(reader: Reader, submission: str) -> PublishedResult:
    """A published result with all its nodes, for everybody; raises NotFound."""
    result = domain.require_published(store.find_result(reader, submission))
    basis = result.score.basis
    (cycle,) = (one for one in store.list_published_cycles(reader) if one.id == basis.cycle)
    found = store.list_publications(reader, cycle.id)
    (own,) = (one for one in found if one.id == result.id)
    edition = store.require_instrument(reader, basis.edition).edition
    change = find_change(reader, result.score, cycle)
    return PublishedResult(result, cycle, own.group, edition, domain.means(found, own.group), change)


def find_change(reader: Reader, now: Score, cycle: PublishedCycle) -> Change | None:
    """What changed since the last published result before a cycle, of every node; None where there is none."""
    years = store.list_years(reader, [now.basis.agency])[now.basis.agency]
    before = domain.year_before(years, cycle)
    then = store.find_score(reader, domain.score_id(before.publication.id, domain.FINAL)) if before else None
    return domain.change_since(now, before, then)


@dataclass(frozen=True)
class PublishedYears:
    """What is published of an agency over the years, the latest first, with how its name and group are now."""

    name: str
    years: Sequence[Year]
    changes: Sequence[Decimal | None]
    editions: Mapping[str, Edition]


def get_published_years(reader: Reader, agency: str) -> PublishedYears:
    """What is published of an agency, for everybody; raises NotFound when nothing is."""
    years = domain.require_years(store.list_years(reader, [agency])[agency])
    ids = {year.publication.edition for year in years}
    editions = {id: store.require_instrument(reader, id).edition for id in sorted(ids)}
    return PublishedYears(years[0].publication.name, years, domain.changes(years), editions)


def get_published_receipt(reader: Reader, submission: str) -> Mapping[str, Any]:
    """The receipt of a published result, for everybody; raises NotFound."""
    return domain.require_receipt(domain.require_published(store.find_result(reader, submission)))
