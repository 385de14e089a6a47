"""Cases for the ministry: those of a cycle with who holds them, and one case stage after stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.review import domain, store
from services.review.domain import Assessor, Case, CaseFilter, CaseRecord, Cycle, StageCount, Task
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class DocketRow:
    """A case in a list with its edition, and its task that is not finished, if it has one."""

    case: Case
    edition: Edition
    task: Task | None


@dataclass(frozen=True)
class Docket:
    """A page of the cases of a cycle (None: there is none yet), with what their agencies and holders are called.

    `counts` tell of all cases of the cycle, `editions` are those that it is assessed by, by hash.
    """

    cycle: Cycle | None
    cycles: Sequence[Cycle]
    counts: Sequence[StageCount]
    editions: Mapping[str, Edition]
    rows: Page[DocketRow]
    agencies: Mapping[str, str]
    assessors: Mapping[str, Assessor]


@dataclass(frozen=True)
class CaseView:
    """A case as the ministry reads it, with what its agency and its assessors are called."""

    record: CaseRecord
    agency: str
    assessors: Mapping[str, Assessor]


def get_docket(
    reader: Reader, wanted: CaseFilter, words: Sequence[str], after: str | None, limit: int
) -> Docket:
    """The cases that are asked for, of their cycle or else of the latest, by id, after that id.

    `words` are looked for in the names of agencies.
    """
    cycles = store.list_cycles(reader)
    cycle = domain.choose_cycle(cycles, wanted.cycle)
    if cycle is None:
        return Docket(None, (), (), {}, Page([], more=False), {}, {})
    agencies = store.list_agencies_named(reader, words) if words else None
    asked = CaseFilter(cycle.id, wanted.state, stage=wanted.stage, agencies=agencies)
    found = store.list_cases(reader, asked, after, limit)
    counts = store.list_stage_counts(reader, cycle.id)
    tasks = store.find_present_tasks(reader, [case.id for case in found.rows])
    return Docket(
        cycle=cycle,
        cycles=cycles,
        counts=counts,
        editions={one.edition_hash: _edition(reader, one) for one in counts},
        rows=found.map(lambda case: DocketRow(case, _edition(reader, case), tasks.get(case.id))),
        agencies=store.agency_names(reader, {case.agency for case in found.rows}),
        assessors=store.find_assessors(reader, domain.last_holders(tasks.values())),
    )


def get_case_view(reader: Reader, caller: Caller, id: str) -> CaseView:
    """A case with its completed stages and its tasks; raises NotFound as for who may not see it."""
    me = store.find_caller_assessor(reader, caller)
    case = domain.check_sees(store.find_case(reader, id), caller, None, me)
    completed, tasks = store.list_completed_stages(reader, id), store.list_tasks_of_case(reader, id)
    asked = store.list_clarifications(reader, id)
    ratings = store.list_ratings(reader, domain.rated_in(completed))
    record = CaseRecord(
        case=case,
        edition=_edition(reader, case),
        material=domain.with_answers(store.require_material(reader, id), asked),
        completed=completed,
        ratings={one.id: domain.show_rating(one, caller) for one in ratings},
        tasks=tasks,
        asked=asked,
        visit=store.require_participation(reader, case.participation).visit,
    )
    names = store.agency_names(reader, [case.agency])
    assessors = store.find_assessors(reader, domain.ever_holders(tasks))
    return CaseView(record, names.get(case.agency, case.agency), assessors)


def _edition(reader: Reader, of: Case | StageCount) -> Edition:
    return store.require_edition(reader, of.edition, of.edition_hash)
