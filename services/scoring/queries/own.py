"""An agency's own published results, with what only its people see: their own values beside the final ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.scoring import domain, store
from services.scoring.domain import SELF, Change, PublishedCycle, Result, Score, Year
from services.scoring.queries.publications import find_change
from shared.core.people import AGENCY_ROLES, Caller
from shared.instrument import Edition
from shared.storage.reader import Reader


@dataclass(frozen=True)
class OwnResult:
    """A published result for the people of its agency; `own` is the score of their self-assessment."""

    result: Result
    cycle: PublishedCycle
    edition: Edition
    own: Score | None
    change: Change | None


def get_own_result(reader: Reader, caller: Caller, submission: str) -> OwnResult:
    """The published result of the caller's own agency; raises NotFound."""
    result = domain.require_own_result(store.find_result(reader, submission), caller)
    basis = result.score.basis
    cycle = store.find_cycles(reader, [basis.cycle])[basis.cycle]
    return OwnResult(
        result,
        cycle,
        store.require_instrument(reader, basis.edition).edition,
        store.find_score(reader, domain.score_id(submission, SELF)),
        find_change(reader, result.score, cycle),
    )


@dataclass(frozen=True)
class OwnYears:
    """What is published of each of somebody's agencies, by agency, the latest year first, with the editions of all."""

    years: Mapping[str, Sequence[Year]]
    editions: Mapping[str, Edition]


def list_own_years(reader: Reader, caller: Caller) -> OwnYears:
    """What is published of each of the caller's agencies."""
    found = store.list_years(reader, caller.agencies(*AGENCY_ROLES))
    ids = {year.publication.edition for years in found.values() for year in years}
    return OwnYears(
        {agency: domain.order_years(years) for agency, years in sorted(found.items())},
        {id: store.require_instrument(reader, id).edition for id in sorted(ids)},
    )
