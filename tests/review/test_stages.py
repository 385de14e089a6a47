"""The way of a case through its stages, from the completed submission to the frozen set."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from shared.core.canonical import exact
from shared.events.intake import CycleOpened, MemberGrant, MemberSet, SubmissionCompleted
from shared.events.review import CaseOpened, ReviewFinalised, StageCompleted
from shared.events.sets import set_hash
from tests.review import builders
from tests.review.builders import CODES, Review

STAGES = ("self", "document", "interview", "visit")
ALL = {"1": 2, "2": "3", "3": 2.75}


def completed(review: Review) -> list[StageCompleted]:
    return sorted(review.stage.published(StageCompleted), key=lambda event: STAGES.index(event.stage))


def last(review: Review) -> StageCompleted:
    return completed(review)[-1]


def brief(event: StageCompleted | ReviewFinalised) -> list[tuple[Any, ...]]:
    return [(rating.indicator, rating.value, rating.origin, rating.carried_from) for rating in event.ratings]


def test_a_completed_submission_opens_a_case_whose_first_stage_is_over_at_once(review: Review) -> None:
    case = review.open()
    (opened,) = review.stage.published(CaseOpened)
    assert opened == CaseOpened(
        case=case, submission=case, cycle="2026", agency="kota-a", stages=("self", "document", "interview")
    )
    (own,) = review.stage.published(StageCompleted)
    assert own.stage == "self"
    assert brief(own) == [("1", "1", "own", None), ("2", "2", "own", None), ("3", "2.50", "own", None)]
    assert own.set_hash == set_hash(own.ratings)
    (task,) = review.stage.db["tasks"].find()
    assert (task["stage"], task["state"], tuple(task["indicators"])) == ("document", "open", CODES)


def test_the_agency_is_the_author_of_the_first_stage(review: Review) -> None:
    review.open()
    rows = list(review.stage.db["ratings"].find())
    assert {(row["author"], row["stage"], row["origin"]) for row in rows} == {("kota-a", "self", "own")}
    assert {row["_id"] for row in rows} == {rating.rating for rating in last(review).ratings}


def test_a_submission_that_is_published_once_more_opens_no_second_case(review: Review) -> None:
    review.open()
    before = review.stage.state()
    assert review.stage.consume("submission:s-kota-a", builders.submission()) == "superseded"
    assert review.stage.state() == before | {"inbox": before["inbox"] + 1}


def test_a_submission_waits_for_each_event_that_its_case_needs(review: Review) -> None:
    stage = review.stage
    assert stage.consume("submission:s-kota-a", builders.submission()) == "waiting"

    def woken() -> list[str]:
        return list(stage.wake().values())

    stage.consume("agency:kota-a", builders.agency())
    assert woken() == ["waiting"]
    stage.consume("edition:small-1", builders.edition())
    assert woken() == ["waiting"]
    stage.consume("participation:2026.kota-a", builders.participation())
    assert woken() == ["waiting"]
    stage.consume("cycle:2026", builders.cycle())
    assert woken() == ["done"]
    assert len(stage.published(CaseOpened)) == 1


def test_a_submission_waits_for_the_last_word_on_the_visit_that_was_published_before_it(
    review: Review,
) -> None:
    stage = review.stage
    stage.consume("edition:small-1", builders.edition())
    stage.consume("agency:kota-a", builders.agency())
    stage.consume("cycle:2026", builders.cycle())
    stage.consume("participation:2026.kota-a", builders.participation(visit=False))
    event = replace(builders.submission(visit=True), participation_sequence=2)
    assert stage.consume("submission:s-kota-a", event) == "waiting"
    (row,) = stage.db["deferred_events"].find()
    assert row["waits_for"] == "participation:2026.kota-a"
    stage.consume("participation:2026.kota-a", builders.participation(visit=True))
    assert list(stage.wake().values()) == ["done"]
    (opened,) = stage.published(CaseOpened)
    assert opened.stages == STAGES


def test_a_later_word_on_the_visit_than_the_submissions_counts(review: Review) -> None:
    stage = review.stage
    stage.consume("edition:small-1", builders.edition())
    stage.consume("agency:kota-a", builders.agency())
    stage.consume("cycle:2026", builders.cycle())
    for visit in (True, False):
        stage.consume("participation:2026.kota-a", builders.participation(visit=visit))
    event = replace(builders.submission(visit=True), participation_sequence=1)
    assert stage.consume("submission:s-kota-a", event) == "done"
    (opened,) = stage.published(CaseOpened)
    assert opened.stages == STAGES[:3]


def test_a_submission_without_all_answers_is_deferred_and_opens_nothing(review: Review) -> None:
    review.stage.consume("edition:small-1", builders.edition())
    review.stage.consume("agency:kota-a", builders.agency())
    review.stage.consume("participation:2026.kota-a", builders.participation())
    review.stage.consume("cycle:2026", builders.cycle())
    whole = builders.submission()
    event = SubmissionCompleted(
        **{name: getattr(whole, name) for name in whole.__slots__} | {"answers": whole.answers[:2]}
    )
    assert review.stage.consume("submission:s-kota-a", event) == "retry"
    assert review.stage.published(CaseOpened) == []
    assert review.stage.db["cases"].count_documents({}) == 0


def test_monitoring_ends_with_the_document_stage(review: Review) -> None:
    case = review.open(activity="monitoring")
    review.appoint("ani")
    assert review.finish("ani", ALL).status_code == 200
    (final,) = review.stage.published(ReviewFinalised)
    assert (final.case, final.stage) == (case, "document")
    assert brief(final) == [("1", "2", "own", None), ("2", "3", "own", None), ("3", "2.75", "own", None)]
    assert (final.ratings, final.set_hash) == (last(review).ratings, last(review).set_hash)
    assert final.set_hash == set_hash(final.ratings)
    assert review.stage.db["cases"].find_one({"_id": case})["state"] == "finalised"  # type: ignore[index]  # it is there


def test_with_nothing_marked_the_interview_closes_by_carry_over_without_a_task(review: Review) -> None:
    review.open()
    review.appoint("ani")
    review.finish("ani", ALL)
    assert [event.stage for event in completed(review)] == ["self", "document", "interview"]
    assert {rating.carried_from for rating in last(review).ratings} == {"document"}
    assert {rating.origin for rating in last(review).ratings} == {"carried"}
    assert [rating.value for rating in last(review).ratings] == ["2", "3", "2.75"]
    assert review.stage.db["tasks"].count_documents({"stage": "interview"}) == 0
    (final,) = review.stage.published(ReviewFinalised)
    assert (final.stage, final.ratings) == ("interview", last(review).ratings)


def test_carried_ratings_are_rows_of_their_own_that_name_whose_explanation_they_stand_on(
    review: Review,
) -> None:
    review.open(visit=True)
    review.appoint("ani")
    review.finish("ani", ALL)
    rows = {row["_id"]: row for row in review.stage.db["ratings"].find()}
    document, interview, visit = completed(review)[1:]
    assert visit.stage == "visit"
    assert {rating.carried_from for rating in visit.ratings} == {"interview"}
    for own, second, third in zip(document.ratings, interview.ratings, visit.ratings, strict=True):
        assert len({own.rating, second.rating, third.rating}) == 3
        assert rows[second.rating]["source"] == rows[third.rating]["source"] == own.rating
        assert own.words_sha256 == second.words_sha256 == third.words_sha256


def test_the_interview_rates_only_what_was_marked_and_carries_the_rest(review: Review) -> None:
    review.open()
    review.appoint("ani")
    review.finish("ani", ALL, {"2": "Where is the decree?"})
    (task,) = review.stage.db["tasks"].find({"stage": "interview"})
    assert task["indicators"] == ["2"]
    assert task["questions"] == [{"indicator": "2", "question": "Where is the decree?"}]
    assert review.finish("ani", {"2": 1}).status_code == 200
    assert brief(last(review)) == [
        ("1", "2", "carried", "document"),
        ("2", "1", "own", None),
        ("3", "2.75", "carried", "document"),
    ]
    assert len(review.stage.published(ReviewFinalised)) == 1


def test_the_visit_happens_for_what_the_interview_marked(review: Review) -> None:
    review.open(visit=True)
    review.appoint("ani")
    review.finish("ani", ALL, {"2": "Why?"})
    review.finish("ani", {"2": 1}, {"3": "Show it."})
    assert review.stage.published(ReviewFinalised) == []
    assert review.finish("ani", {"3": "7/6"}).status_code == 200
    assert brief(last(review)) == [
        ("1", "2", "carried", "interview"),
        ("2", "1", "carried", "interview"),
        ("3", "7/6", "own", None),
    ]
    assert review.stage.published(ReviewFinalised)[0].stage == "visit"


def test_a_visit_that_the_ministry_decides_on_during_the_interview_happens(review: Review) -> None:
    review.open(visit=False)
    review.appoint("ani")
    review.finish("ani", ALL, {"2": "Why?"})
    review.stage.consume("participation:2026.kota-a", builders.participation(visit=True))
    review.finish("ani", {"2": 1}, {"3": "Show it."})
    (task,) = review.stage.db["tasks"].find({"state": "open"})
    assert (task["stage"], task["indicators"]) == ("visit", ["3"])


def test_no_stage_changes_the_rows_of_another(review: Review) -> None:
    review.open(visit=True)
    review.appoint("ani")
    before = {row["_id"]: row for row in review.stage.db["ratings"].find()}
    review.finish("ani", ALL, {"2": "Why?"})
    review.finish("ani", {"2": 1})
    after = {row["_id"]: row for row in review.stage.db["ratings"].find()}
    assert {id: after[id] for id in before} == before


def test_every_case_is_at_every_moment_open_or_finalised_and_has_at_most_one_task_to_do(
    review: Review,
) -> None:
    review.appoint("ani")
    for agency in ("kota-a", "kota-b"):
        review.open(agency)
    assert review.stage.db["tasks"].count_documents({"state": "open"}) == 2
    review.finish("ani", ALL)
    states = {row["_id"]: row["state"] for row in review.stage.db["cases"].find()}
    assert states == {"s-kota-a": "finalised", "s-kota-b": "open"}


def test_an_older_event_never_replaces_a_newer_replica(review: Review) -> None:
    new = review.stage.envelope("participation:2026.kota-a", builders.participation(visit=True), sequence=2)
    old = review.stage.envelope("participation:2026.kota-a", builders.participation(visit=False), sequence=1)
    assert review.stage.consume_all(new, old) == {new.id: "done", old.id: "superseded"}
    assert review.stage.db["participations"].find_one({})["visit"] is True  # type: ignore[index]  # it is there


def edition_row(review: Review) -> Any:
    return review.stage.db["editions"].find_one({}, {"_id": 0, "hash": 1, "content": 1})


def test_an_edition_is_kept_once_and_its_repetition_passed_over(review: Review) -> None:
    outcomes = [review.stage.consume("edition:small-1", builders.edition()) for _ in range(2)]
    assert outcomes == ["done", "superseded"]


@pytest.mark.parametrize(
    "changes", [{"hash": "0" * 64}, {"content": {**builders.edition().content, "guide_version": "Guide 2"}}]
)
def test_an_edition_that_is_not_what_its_hash_says_is_deferred(
    review: Review, changes: dict[str, Any]
) -> None:
    wrong = replace(builders.edition(), **changes)
    assert review.stage.consume("edition:small-1", wrong) == "retry"
    assert edition_row(review) is None


def test_another_edition_under_a_known_id_never_replaces_the_first(review: Review) -> None:
    first = builders.edition()
    review.stage.consume("edition:small-1", first)
    content = {**first.content, "guide_version": "Guide 2"}
    other = replace(first, content=content, hash=sha256(exact(content)).hexdigest())
    assert review.stage.consume("edition:small-1", other) == "retry"
    assert edition_row(review) == {"hash": first.hash, "content": first.content}
    (row,) = review.stage.db["deferred_events"].find()
    assert row["error"] == f"Contradiction: the edition small-1 is known with the hash {first.hash}"


def test_the_events_of_other_services_are_kept(review: Review) -> None:
    review.open()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert (
        review.stage.consume(
            "cycle:2026",
            CycleOpened(
                cycle="2026", title="Year", edition="small-1", opens=now, deadline=now, bytes_until=now
            ),
        )
        == "done"
    )
    grant = MemberGrant(role="ministry", agency=None, since=now)
    issuer = review.stage.settings.oidc_issuer
    assert (
        review.stage.consume("person:p", MemberSet(person="p", issuer=issuer, subject="sri", grants=(grant,)))
        == "done"
    )
    kept = review.stage.db
    assert kept["cycles"].find_one({"_id": "2026"})["edition"] == "small-1"  # type: ignore[index]  # it is there
    assert kept["editions"].find_one({})["hash"] == builders.EDITION.hash  # type: ignore[index]  # it is there
    assert kept["agencies"].find_one({})["group"] == "Kota"  # type: ignore[index]  # it is there
    assert review.get("sri", "/cases").status_code == 200


def test_the_frozen_set_names_everybody_who_held_a_task_of_the_case(review: Review) -> None:
    review.open()
    for name in ("ani", "budi", "citra"):
        review.appoint(name)
    task = review.open_task()
    fence = review.claim("budi", task)
    assert review.post("budi", f"/tasks/{task}/release", {"fence": fence}).status_code == 200
    review.finish("ani", ALL, marks={"1": "Mana notulennya?"})
    review.finish("ani", {"1": 3})
    (final,) = review.stage.published(ReviewFinalised)
    assert final.assessors == ("budi", "ani")
