"""Who may see what, as pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from services.review import domain
from services.review.domain import LEASE, Assessor, CaseFilter, Rating, Task, TaskFilter, Term
from services.review.domain.access import AskedTasks, TaskScope
from shared.core.people import Caller, Grant

NOW = datetime(2026, 7, 1, tzinfo=UTC)
OFFICER = Caller("i", "officer", "officer", (Grant("ministry", None),))
CALLER = Caller("i", "ani", "assessor:ani", (Grant("assessor", None),))
ME = Assessor("ani", "i", "ani", "Ani", "kota-a", NOW, None)
BUDI = Assessor("budi", "i", "budi", "Budi", None, NOW, None)
RATING = Rating("r", "c", "document", "1", "3", "ani", "ab", NOW)


def held_by(assessor: Assessor) -> Task:
    task = Task("t", "c", "2026", "kota-b", "document", ("1", "2"), NOW)
    return domain.claim(task, assessor, [RATING.ref], (), Term(NOW))


def test_the_ministry_sees_every_case_and_an_assessor_its_own_without_those_it_is_barred_from() -> None:
    assert domain.visible_cases(OFFICER, ME, "2026", "open") == CaseFilter("2026", "open")
    assert domain.visible_cases(CALLER, ME, None, None) == CaseFilter(
        None, None, "ani", frozenset({"kota-a"})
    )
    assert domain.visible_cases(CALLER, None, None, None) is None


@pytest.mark.parametrize(("which", "scope"), [("open", "open"), ("mine", "mine"), ("all", "known")])
def test_an_assessor_sees_no_task_that_it_is_barred_from(which: AskedTasks, scope: TaskScope) -> None:
    assert domain.visible_tasks(CALLER, ME, which, "2026") == TaskFilter(
        scope, "ani", "2026", frozenset({"kota-a"})
    )
    assert domain.visible_tasks(CALLER, None, which, None) == TaskFilter(scope)


@pytest.mark.parametrize("which", ["open", "mine", "all"])
def test_the_ministry_sees_the_tasks_of_every_agency(which: AskedTasks) -> None:
    assert domain.visible_tasks(OFFICER, ME, which, None) == TaskFilter(which, "ani")


def test_a_list_names_the_holder_to_the_ministry_only() -> None:
    shown = {caller.subject: domain.list_task(held_by(ME), caller, None, NOW) for caller in (OFFICER, CALLER)}
    assert {subject: (task.assessor, task.done) for subject, task in shown.items()} == {
        "officer": ("ani", 1),
        "ani": (None, None),
    }


@pytest.mark.parametrize(("me", "done"), [(ME, 1), (BUDI, None)])
def test_a_list_says_how_far_one_came_to_oneself_only(me: Assessor, done: int | None) -> None:
    task = domain.list_task(held_by(ME), CALLER, me, NOW)
    assert (task.state, task.until, task.fence, task.done) == ("claimed", NOW + LEASE, None, done)


def test_a_lease_that_is_over_is_listed_as_open() -> None:
    task = domain.list_task(held_by(ME), OFFICER, None, NOW + LEASE + timedelta(seconds=1))
    assert (task.state, task.until, task.assessor) == ("open", None, None)


def test_only_the_ministry_reads_who_gave_a_rating() -> None:
    assert domain.show_rating(RATING, OFFICER).author == "ani"
    assert domain.show_rating(RATING, CALLER).author is None
