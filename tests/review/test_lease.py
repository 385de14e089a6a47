"""The lease machine: whatever order things come in, one assessor at most can write, and knows its fence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.review import domain
from services.review.domain import LEASE, Assessor, ClarificationMark, RatingRef, Task, Term
from shared.core.errors import Conflict, NotFound

PEOPLE = st.sampled_from(["ani", "budi", "citra"])
START = datetime(2026, 7, 1, tzinfo=UTC)


def known(id: str, until: datetime | None = None) -> Assessor:
    return Assessor(id, "i", id, id.title(), None, START - timedelta(days=1), until)


def new_task() -> Task:
    return Task("t", "c", "2026", "kota-a", "document", ("1", "2"), START)


class Leases(RuleBasedStateMachine):
    """One task, three assessors who remember the last fence that they got, and a clock."""

    @initialize()
    def begin(self) -> None:
        self.task, self.now = new_task(), START
        self.fences: dict[str, int] = {}
        self.seen: list[int] = [0]
        self.holder: str | None = None
        self.until = START

    def holds(self, who: str) -> bool:
        return self.holder == who and self.now < self.until

    def writes(self, who: str, fence: int) -> bool:
        try:
            domain.check_lease(self.task, who, fence, self.now, {"text": who})
        except NotFound:
            return False
        except Conflict as problem:
            return bool(problem.extra["yours"] != {"text": who})
        return True

    @rule(seconds=st.integers(1, 3000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(who=PEOPLE)
    def claim(self, who: str) -> None:
        if self.holder not in (None, who) and self.now < self.until:
            with pytest.raises(Conflict, match="Somebody else holds"):
                domain.claim(self.task, known(who), (), (), Term(self.now))
            return
        self.task = domain.claim(self.task, known(who), (), (), Term(self.now))
        assert self.task.fence > self.seen[-1]
        self.seen.append(self.task.fence)
        self.fences[who], self.holder, self.until = self.task.fence, who, self.now + LEASE

    @precondition(lambda self: self.holder and self.now < self.until)
    @rule()
    def renew(self) -> None:
        self.task = domain.renew(self.task, known(self.holder or ""), Term(self.now))
        self.until = self.now + LEASE

    @precondition(lambda self: self.holder and self.now < self.until)
    @rule()
    def release(self) -> None:
        self.task = domain.release(self.task)
        self.holder = None

    @rule()
    def sweep(self) -> None:
        swept = domain.expire(self.task, self.now)
        assert (swept is not None) == (self.holder is not None and self.now >= self.until)
        if swept:
            self.task, self.holder = swept, None

    @invariant()
    def only_the_holder_writes_and_only_with_its_latest_fence(self) -> None:
        for who in ("ani", "budi", "citra"):
            latest = self.fences.get(who, 0)
            for fence in self.seen:
                assert self.writes(who, fence) == (self.holds(who) and fence == latest)


TestLeases = Leases.TestCase
TestLeases.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_a_lease_ends_at_the_moment_that_it_names() -> None:
    task = domain.claim(new_task(), known("ani"), (), (), Term(START))
    just_before = START + LEASE - timedelta(milliseconds=1)
    assert task.is_leased(just_before)
    assert not task.is_leased(START + LEASE)
    assert domain.expire(task, just_before) is None
    assert domain.expire(task, START + LEASE) == domain.release(task)


def test_a_heartbeat_that_arrived_earlier_never_shortens_a_lease() -> None:
    task = domain.claim(new_task(), known("ani"), (), (), Term(START + timedelta(seconds=5)))
    assert domain.renew(task, known("ani"), Term(START)).until == task.until


def test_a_claim_finds_the_claimers_own_work_only() -> None:
    marked = replace(
        domain.claim(new_task(), known("ani"), (), (), Term(START)),
        marks=(ClarificationMark("1", "Why?"),),
        rated=(RatingRef("1", "r", 1),),
    )
    other = domain.claim(domain.release(marked), known("budi"), (), (), Term(START))
    assert (other.marks, other.rated) == ((), ())
    again = domain.claim(domain.release(other), known("ani"), marked.rated, marked.marks, Term(START))
    assert (again.marks, again.rated) == (marked.marks, marked.rated)


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_finished_task_is_never_leased_again(seconds: int) -> None:
    done = domain.finish(
        domain.claim(replace(new_task(), indicators=()), known("ani"), (), (), Term(START)), (), START
    )
    with pytest.raises(Conflict, match="finished"):
        domain.claim(done, known("ani"), (), (), Term(START + timedelta(seconds=seconds)))
    assert domain.expire(done, START + 2 * LEASE) is None


def test_a_lease_and_a_link_end_with_the_appointment() -> None:
    soon = START + timedelta(minutes=2)
    task = domain.claim(new_task(), known("ani", soon), (), (), Term(START))
    assert task.until == soon
    assert domain.renew(task, known("ani", soon), Term(START + timedelta(minutes=1))).until == soon
    assert domain.link_end(task, START) == soon
    longer = domain.claim(new_task(), known("ani", START + timedelta(days=1)), (), (), Term(START))
    assert (longer.until, domain.link_end(longer, START)) == (START + LEASE, START + timedelta(minutes=5))
