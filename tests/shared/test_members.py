"""Each service's own copy of who may do what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.core.people import Caller, Grant
from shared.events.intake import MemberGrant, MemberSet
from shared.events.review import AssessorSet
from shared.replicas.members import ASSESSORS, MEMBERS, find_caller
from shared.service import Service
from tests.shared.toys import TOY
from tests.support.stage import LONG_AGO, Stage

END = datetime(2026, 6, 1, tzinfo=UTC)
COPIES = replace(TOY, handlers={MemberSet: MEMBERS, AssessorSet: ASSESSORS})


@pytest.fixture
def copies(stage: Callable[[Service], Stage]) -> Stage:
    return stage(COPIES)


def caller(copies: Stage, subject: str, now: datetime = END) -> Caller:
    return copies.store.query(find_caller, "issuer", subject, now)


def member(*grants: MemberGrant) -> MemberSet:
    return MemberSet(person="sari", issuer="issuer", subject="sub-1", grants=grants)


def test_somebody_unknown_may_do_nothing(copies: Stage) -> None:
    assert caller(copies, "nobody") == Caller("issuer", "nobody", None, ())


def test_a_grant_counts_from_its_beginning_and_not_at_its_end(copies: Stage) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    copies.consume("person:sari", member(MemberGrant(role="clerk", agency="kota-a", since=begin, until=END)))
    second = datetime.resolution
    assert caller(copies, "sub-1", begin - second).grants == ()
    assert caller(copies, "sub-1", begin).grants == (Grant("clerk", "kota-a"),)
    assert caller(copies, "sub-1", END - second).grants == (Grant("clerk", "kota-a"),)
    assert caller(copies, "sub-1", END).grants == ()


def test_an_older_event_does_not_bring_a_revoked_role_back(copies: Stage) -> None:
    granted = copies.envelope(
        "person:sari", member(MemberGrant(role="ministry", agency=None, since=LONG_AGO))
    )
    revoked = copies.envelope("person:sari", member())
    assert copies.consume_all(revoked) == {revoked.id: "done"}
    assert copies.consume_all(granted) == {granted.id: "superseded"}
    assert caller(copies, "sub-1").grants == ()


def test_whoever_is_person_and_assessor_keeps_one_name_and_both_roles(copies: Stage) -> None:
    copies.consume(
        "assessor:sari", AssessorSet(assessor="sari", issuer="issuer", subject="sub-1", since=LONG_AGO)
    )
    copies.consume("person:sari", member(MemberGrant(role="member", agency="kota-a", since=LONG_AGO)))
    found = caller(copies, "sub-1")
    assert found.person == "sari"
    assert set(found.grants) == {Grant("member", "kota-a"), Grant("assessor", None)}
    assert caller(copies, "sub-2").grants == ()
