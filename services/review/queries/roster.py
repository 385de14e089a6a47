"""Who assesses, for the ministry: everybody with what each has to do, and one assessor's standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.review import domain, store
from services.review.domain import (
    ASSESSORS,
    Assessor,
    AssessorFilter,
    AssessorState,
    Case,
    KnownPerson,
    Task,
    TaskCounts,
)
from shared.core.imports import Import, import_id, shown
from shared.core.people import Caller
from shared.instrument import Edition
from shared.replicas.members import find_names
from shared.storage.reader import Page, Reader

MOST_TASKS = 50
"""Of one assessor that are shown, the newest."""


@dataclass(frozen=True)
class RosterRow:
    """An assessor in a list: whether it serves, and how many tasks it holds and finished."""

    assessor: Assessor
    state: AssessorState
    counts: TaskCounts


@dataclass(frozen=True)
class Roster:
    """A page of assessors, and how their employers are called."""

    rows: Page[RosterRow]
    agencies: Mapping[str, str]


@dataclass(frozen=True)
class HeldTask:
    """A task that an assessor held, with the case that it is of and that one's edition."""

    task: Task
    case: Case
    edition: Edition


@dataclass(frozen=True)
class Standing:
    """One assessor: whether it serves, its work, and its conflicts of interest.

    `agencies` are the names of all, by id; `declarers` are the names of who declared conflicts.
    """

    assessor: Assessor
    state: AssessorState
    counts: TaskCounts
    agencies: Mapping[str, str]
    declarers: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """People who may be meant, how their agencies are called, and who of them is an assessor already."""

    people: Sequence[KnownPerson]
    agencies: Mapping[str, str]
    assessors: Mapping[tuple[str, str], Assessor]


def get_roster(reader: Reader, wanted: AssessorFilter, after: str | None, limit: int) -> Roster:
    """The assessors that are asked for, by id, after that id."""
    found = store.list_assessors(reader, wanted, after, limit)
    counts = store.count_tasks_of(reader, [one.id for one in found.rows])
    rows = found.map(lambda one: RosterRow(one, one.state(reader.now), counts.get(one.id, TaskCounts())))
    return Roster(rows, store.agency_names(reader, domain.employers_of(found.rows)))


def get_standing(reader: Reader, caller: Caller, id: str) -> Standing:
    """One assessor, for the ministry or for itself; raises NotFound."""
    return _standing(reader, domain.check_sees_assessor(store.find_assessor(reader, id), caller, id))


def get_own_standing(reader: Reader, caller: Caller) -> Standing:
    """The assessor that the caller is, with the conflicts of interest that its roles are; raises NotFound."""
    return _standing(reader, domain.check_is_assessor(store.find_caller_assessor(reader, caller)))


def _standing(reader: Reader, assessor: Assessor) -> Standing:
    return Standing(
        assessor=assessor,
        state=assessor.state(reader.now),
        counts=store.count_tasks_of(reader, [assessor.id]).get(assessor.id, TaskCounts()),
        agencies=dict(store.list_agency_names(reader)),
        declarers=find_names(reader, {one.declared_by for one in assessor.conflicts}),
    )


def list_held_tasks(reader: Reader, assessor: str) -> list[HeldTask]:
    """The last tasks that an assessor held, the newest first."""
    tasks = store.list_tasks_held_by(reader, assessor, MOST_TASKS)
    cases = store.find_cases(reader, {task.case for task in tasks})
    return [_held(reader, task, cases[task.case]) for task in tasks]


def _held(reader: Reader, task: Task, case: Case) -> HeldTask:
    return HeldTask(task, case, store.require_edition(reader, case.edition, case.edition_hash))


def find_people(reader: Reader, caller: Caller, words: tuple[str, ...]) -> Found:
    """The people whose name says every word, to be appointed; nobody without words."""
    people = store.list_people(reader, words, domain.MOST_FOUND) if words else []
    own = domain.known_to(people, caller)
    known = store.find_assessors_by_subject(reader, caller.issuer, (one.subject for one in own))
    return Found(own, store.agency_names(reader, domain.agencies_of(own, reader.now)), known)


def find_person(reader: Reader, id: str) -> KnownPerson | None:
    """Somebody whom intake knows, by the id that it has there."""
    return store.find_person(reader, id)


def list_agency_choice(reader: Reader) -> Sequence[tuple[str, str]]:
    """Every agency with its name, by name."""
    return store.list_agency_names(reader)


def get_assessors_import(reader: Reader, caller: Caller, token: str) -> Import[Assessor]:
    """What one's last import of assessors would do, or did; NotFound when that is another one."""
    return shown(store.find_import(reader, Import[Assessor], import_id(ASSESSORS, caller)), token)
