"""Two officers for each result, and neither of them had a part in its case, or at its agency in its cycle."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.core.people import PastRole
from shared.events.intake import CycleOpened, MemberGrant, MemberSet
from shared.events.review import AssessorSet
from shared.events.scoring import ResultPublished
from tests.scoring.builders import OFFICERS, OnStage, consume, finalised, introduce, publish, scoring
from tests.support.stage import LONG_AGO, Stage

RESULT = "/scoring/api/v1/results/s1"
OPENS = datetime(2026, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MINISTRY = MemberGrant(role="ministry", agency=None, since=LONG_AGO)


def opened(cycle: str = "2026", opens: datetime = OPENS) -> CycleOpened:
    return CycleOpened(cycle=cycle, title="2026", edition="e", opens=opens, deadline=opens, bytes_until=opens)


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A final score of a case that ani and budi assessed; who gets a part in it is told afterwards."""
    on = scoring(stage)
    introduce(on)
    assessors = {f"assessor:{id}": assessor(on, id) for id in ("ani", "budi", "citra")}
    consume(on, {"cycle:2026": opened(), **assessors, "case:s1": finalised_by("ani", "budi")})
    return on


def assessor(on: Stage, id: str, subject: str | None = None, *past: PastRole) -> AssessorSet:
    issuer = on.settings.oidc_issuer
    return AssessorSet(assessor=id, issuer=issuer, subject=subject or id, since=LONG_AGO, past=past)


def finalised_by(*assessors: str) -> Any:
    event = finalised()
    return type(event)(**{name: getattr(event, name) for name in event.__slots__} | {"assessors": assessors})


def member(
    on: Stage, *grants: MemberGrant, past: tuple[PastRole, ...] = (), subject: str = "officer"
) -> MemberSet:
    issuer = on.settings.oidc_issuer
    return MemberSet(
        person=f"p-{subject}", issuer=issuer, subject=subject, grants=(MINISTRY, *grants), past=past
    )


def clerk(since: datetime, until: datetime | None = None, agency: str = "ekon") -> MemberGrant:
    return MemberGrant(role="clerk", agency=agency, since=since, until=until)


def was(on: Stage, subject: str, since: datetime, until: datetime, agency: str | None = "ekon") -> PastRole:
    role = "clerk" if agency else "assessor"
    issuer = on.settings.oidc_issuer
    return PastRole(issuer=issuer, subject=subject, role=role, agency=agency, since=since, until=until)


def decide(on: Stage, step: str, name: str, **json: Any) -> tuple[int, str]:
    answer = on.as_(name).post(f"{RESULT}/{step}", json=json)
    found = answer.get_json()
    return answer.status_code, found.get("code", found.get("state"))


def test_who_approved_a_result_does_not_publish_it(on: Stage) -> None:
    assert decide(on, "approve", "officer") == (200, "approved")
    before = on.state()
    assert decide(on, "publish", "officer") == (403, "second-officer-needed")
    assert on.state() == before
    assert decide(on, "publish", "second") == (200, "published")


def test_who_approved_is_the_same_under_another_id_and_under_another_name(on: Stage) -> None:
    assert decide(on, "approve", "officer") == (200, "approved")
    on.db["people"].update_one({"_id": "p-officer"}, {"$set": {"subject": "renamed"}})
    on.db["people"].insert_one(
        {
            **(on.db["people"].find_one({"_id": "p-second"}) or {}),
            "_id": "p-again",
            "subject": "officer",
        }
    )
    assert decide(on, "publish", "officer") == (403, "second-officer-needed")
    assert decide(on, "publish", "renamed") == (403, "second-officer-needed")


@pytest.mark.parametrize("step", OFFICERS)
@pytest.mark.parametrize("other", [{"note": "another"}, {}])
def test_a_decision_taken_otherwise_again_says_that_nothing_changed(
    on: Stage, step: str, other: dict[str, str]
) -> None:
    for each, officer in OFFICERS.items():
        decide(on, each, officer, note="first")
    before = on.state()
    for name in OFFICERS.values():
        answer = on.as_(name).post(f"{RESULT}/{step}", json=other)
        problem = answer.get_json()
        assert (answer.status_code, problem["code"]) == (409, "already-decided")
        assert "nothing changed" in problem["detail"]
        assert problem["decision"]["by"] == f"p-{OFFICERS[step]}"
    assert decide(on, step, OFFICERS[step], note="first") == (200, "published")
    assert on.state() == before


@pytest.mark.parametrize("step", OFFICERS)
def test_nobody_decides_on_a_case_of_which_they_held_a_task(on: Stage, step: str) -> None:
    if step == "publish":
        decide(on, "approve", "officer")
    on.consume("assessor:budi", assessor(on, "budi", "third"))
    on.person("third", "ministry")
    before = on.state()
    assert decide(on, step, "third") == (403, "own-case")
    assert on.state() == before


def test_an_assessor_of_other_cases_may_decide(on: Stage) -> None:
    on.consume("assessor:citra", assessor(on, "citra", "officer"))
    assert decide(on, "approve", "officer") == (200, "approved")


def test_an_assessor_who_has_another_name_since_does_not_decide_either(on: Stage) -> None:
    past = was(on, "officer", LONG_AGO, OPENS - DAY, None)
    on.consume("assessor:ani", assessor(on, "ani", "ani-2", past))
    assert decide(on, "approve", "officer") == (403, "own-case")


def test_where_the_assessors_are_not_known_no_assessor_of_the_cycle_decides(stage: OnStage) -> None:
    on = scoring(stage)
    introduce(on)
    consume(on, {"cycle:2026": opened(), "case:s1": finalised_by()})
    on.consume("assessor:citra", assessor(on, "citra", "officer"))
    ended = was(on, "second", LONG_AGO, OPENS - DAY, None)
    on.consume("assessor:dewi", assessor(on, "dewi", "dewi", ended))
    assert decide(on, "approve", "officer") == (403, "own-case")
    assert decide(on, "approve", "second") == (200, "approved")


@pytest.mark.parametrize("step", OFFICERS)
@pytest.mark.parametrize(
    ("since", "until"),
    [(LONG_AGO, None), (OPENS, None), (LONG_AGO, OPENS + DAY), (OPENS + DAY, OPENS + 2 * DAY)],
)
def test_nobody_decides_for_an_agency_where_they_held_a_role_in_the_cycle(
    on: Stage, step: str, since: datetime, until: datetime | None
) -> None:
    if step == "publish":
        decide(on, "approve", "officer")
    name = OFFICERS[step]
    on.consume(f"person:p-{name}", member(on, clerk(since, until), subject=name))
    before = on.state()
    assert decide(on, step, name) == (403, "own-agency")
    assert on.state() == before


def test_a_role_that_was_taken_away_within_the_cycle_still_counts(on: Stage) -> None:
    on.consume("person:p-officer", member(on, past=(was(on, "officer", LONG_AGO, OPENS + DAY),)))
    assert decide(on, "approve", "officer") == (403, "own-agency")


def test_a_role_that_was_held_under_another_name_still_counts(on: Stage) -> None:
    on.consume("person:p-officer", member(on, past=(was(on, "once", LONG_AGO, OPENS + DAY),)))
    other = MemberSet(
        person="p-other",
        issuer=on.settings.oidc_issuer,
        subject="other-2",
        grants=(),
        past=(was(on, "second", LONG_AGO, OPENS + DAY), was(on, "nobody", LONG_AGO, OPENS, "x")),
    )
    on.consume("person:p-other", other)
    assert decide(on, "approve", "officer") == (403, "own-agency")
    assert decide(on, "approve", "second") == (403, "own-agency")


@pytest.mark.parametrize(
    "grant",
    [
        clerk(LONG_AGO, OPENS),
        clerk(LONG_AGO, None, "other"),
        clerk(datetime(2190, 1, 1, tzinfo=UTC)),
    ],
    ids=["before the cycle", "elsewhere", "not yet"],
)
def test_a_role_at_another_time_or_place_is_no_matter(on: Stage, grant: MemberGrant) -> None:
    past = (was(on, "officer", LONG_AGO, OPENS), was(on, "officer", OPENS, OPENS + DAY, "other"))
    on.consume("person:p-officer", member(on, grant, past=past))
    assert decide(on, "approve", "officer") == (200, "approved")


def test_where_the_cycle_is_not_known_any_role_ever_counts(stage: OnStage) -> None:
    on = scoring(stage)
    introduce(on)
    consume(on, {"assessor:ani": assessor(on, "ani"), "case:s1": finalised_by("ani")})
    on.consume("person:p-officer", member(on, past=(was(on, "officer", LONG_AGO, LONG_AGO + DAY),)))
    assert decide(on, "approve", "officer") == (403, "own-agency")


def test_a_final_score_waits_until_its_assessors_are_known(stage: OnStage) -> None:
    on = scoring(stage)
    introduce(on)
    assert on.consume("case:s1", finalised_by("ani")) == "waiting"
    on.consume("assessor:ani", assessor(on, "ani"))
    assert set(on.wake().values()) == {"done"}
    assert decide(on, "approve", "officer") == (200, "approved")


def test_who_decided_stands_in_the_signed_receipt(on: Stage) -> None:
    publish(on)
    receipt = on.as_("ekon").get(f"{RESULT}/receipt").get_json()
    decided = [(taken["what"], taken["by"]) for taken in receipt["decided"]]
    assert decided == [("approved", "p-officer"), ("published", "p-second")]
    assert receipt["decided"][1]["at"] == receipt["at"]
    assert on.published(ResultPublished)[0].receipt == receipt
