"""What the ministry sees before it decides: a cycle's submissions, one of them, and what a decision would come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.scoring import domain, store
from services.scoring.domain import (
    FINAL,
    CaseFilter,
    CaseListing,
    Change,
    Decision,
    Outlook,
    PublishedCycle,
    Result,
    Score,
)
from services.scoring.queries.publications import find_change
from shared.core.errors import NotFound
from shared.core.people import Caller
from shared.instrument import Edition, LocalizedText
from shared.storage.reader import Reader


@dataclass(frozen=True)
class ScoredRound:
    """The submissions of a cycle, as far as they are wanted, with what was published of their agencies in all years."""

    cycle: PublishedCycle
    cycles: Sequence[PublishedCycle]
    edition: Edition
    stages: Mapping[str, LocalizedText]
    listing: CaseListing


def find_scored_round(reader: Reader, cycle: str | None, wanted: CaseFilter) -> ScoredRound | None:
    """The submissions of a cycle, or of the latest; None while nothing is scored at all.

    Raises NotFound for a cycle of which nothing is.
    """
    cycles = store.list_scored_cycles(reader)
    if not cycles and cycle is None:
        return None
    chosen = next((one for one in cycles if cycle in (None, one.id)), None)
    if chosen is None:
        raise NotFound("There is no such cycle of which something is scored.")
    found = store.list_cases(reader, chosen.id)
    years = store.list_years(reader, {one.agency for one in found if one.final})
    found = domain.with_changes(found, years, chosen)
    edition = store.require_instrument(reader, found[0].edition).edition
    return ScoredRound(chosen, cycles, edition, domain.stages_of(edition), domain.choose_cases(found, wanted))


@dataclass(frozen=True)
class CaseView:
    """One submission: its scores by stage, its result where there is one, and what changed since the year before."""

    id: str
    agency: str
    name: str
    cycle: PublishedCycle
    edition: Edition
    stages: Mapping[str, LocalizedText]
    scores: Mapping[str, Score]
    result: Result | None
    names: Mapping[str, str]
    change: Change | None

    @property
    def final(self) -> Score | None:
        """The final score, once there is one."""
        return self.scores.get(FINAL)


def get_case(reader: Reader, submission: str) -> CaseView:
    """One submission with all its scores, for the ministry; raises NotFound where nothing of it is scored."""
    scores = store.find_scores(reader, submission)
    if not scores:
        raise NotFound("Nothing is scored of such a submission.")
    basis = next(iter(scores.values())).basis
    result, cycle = (
        store.find_result(reader, submission),
        store.find_cycles(reader, [basis.cycle])[basis.cycle],
    )
    edition = store.require_instrument(reader, basis.edition).edition
    return CaseView(
        id=submission,
        agency=basis.agency,
        name=store.find_agency_name(reader, basis.agency),
        cycle=cycle,
        edition=edition,
        stages=domain.stages_of(edition),
        scores=scores,
        result=result,
        names=store.find_officer_names(reader, {taken.by for taken in result.decisions} if result else ()),
        change=find_change(reader, scores[FINAL], cycle) if FINAL in scores else None,
    )


@dataclass(frozen=True)
class DecisionView:
    """What a decision on some submissions would come to, or came to, with the years before of their agencies.

    `shows_words`: of one of them at least the agency reads what its assessors wrote.
    """

    outlooks: Sequence[Outlook]
    lacking: Sequence[str]
    names: Mapping[str, str]
    changes: Mapping[str, Change | None]
    editions: Mapping[str, Edition]
    shows_words: bool


def look_ahead(reader: Reader, caller: Caller, submissions: Sequence[str], what: str) -> DecisionView:
    """What would come of a decision on each of some submissions; `lacking` are those without a final score."""
    results = store.find_results(reader, submissions)
    found = [results[id] for id in submissions if id in results]
    roles = store.list_held_roles(reader, caller.issuer, caller.subject)
    cycles = store.find_cycles(reader, {one.score.basis.cycle for one in found})
    opens = {id: cycle.opens for id, cycle in cycles.items()}
    outlooks = domain.look_ahead_all(found, Decision.of(what, caller, reader.now, None), roles, opens)
    years = store.list_years(reader, {one.score.basis.agency for one in found})
    editions = {one.score.basis.edition for one in found}
    return DecisionView(
        outlooks,
        [id for id in submissions if id not in results],
        store.find_officer_names(reader, domain.deciders(outlooks)),
        domain.changes_since(found, years, cycles),
        {id: store.require_instrument(reader, id).edition for id in sorted(editions)},
        any(cycle.shows_words for cycle in cycles.values()),
    )
