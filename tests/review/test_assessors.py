"""Assessors and their conflicts of interest: who sets them, who sees them, what they prevent."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.events.review import AssessorSet, TaskReleased
from tests.review.builders import FILE, Review, agency

BARRED = {"agencies": [{"agency": "kota-a", "reason": "My sister works there."}]}


@pytest.fixture
def appointment(review: Review) -> dict[str, Any]:
    review.stage.person("officer", "ministry")
    issuer = review.stage.settings.oidc_issuer
    return {"issuer": issuer, "subject": "ani", "name": "Ani", "since": "2020-01-01T00:00:00Z"}


def rev(review: Review, id: str = "ani") -> str:
    return review.get("officer", f"/assessors/{id}").headers["ETag"]


def test_the_ministry_appoints_an_assessor_and_all_services_get_to_know_it(
    review: Review, appointment: dict[str, Any]
) -> None:
    answer = review.put("officer", "/assessors/ani", appointment)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    (event,) = review.stage.published(AssessorSet)
    assert (event.assessor, event.subject, event.until) == ("ani", "ani", None)
    assert review.stage.audited("assessor:ani") == ["assessor.set"]
    assert review.get("ani", "/tasks").status_code == 200


def test_an_appointment_that_is_sent_again_changes_nothing(
    review: Review, appointment: dict[str, Any]
) -> None:
    first = review.put("officer", "/assessors/ani", appointment)
    before = review.stage.state()
    again = review.put("officer", "/assessors/ani", appointment)
    assert (again.status_code, again.json, again.headers["ETag"]) == (201, first.json, '"1"')
    assert review.stage.state() == before


def test_an_appointment_that_is_over_opens_no_door(review: Review, appointment: dict[str, Any]) -> None:
    review.put("officer", "/assessors/ani", {**appointment, "until": "2021-01-01T00:00:00Z"})
    answer = review.get("ani", "/tasks")
    assert (answer.status_code, answer.json["code"]) == (403, "role-needed")


def test_a_change_needs_the_version_that_it_changes(review: Review, appointment: dict[str, Any]) -> None:
    review.put("officer", "/assessors/ani", appointment)
    before = review.stage.state()
    renamed = {**appointment, "name": "Ani B."}
    assert review.put("officer", "/assessors/ani", renamed).status_code == 428
    stale = review.put("officer", "/assessors/ani", renamed, '"7"')
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    assert stale.json["yours"]["name"] == "Ani B."
    assert stale.json["stored"]["name"] == "Ani"
    assert review.stage.state() == before
    assert review.put("officer", "/assessors/ani", renamed, '"1"').headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"until": "2019-01-01T00:00:00Z"}, "bad-span", "must be later"),
        ({"employer_agency": "kota-z"}, "unknown-agency", "kota-z"),
        ({"since": "yesterday"}, "invalid", "`/since`: Must be a moment with its zone"),
        ({"since": "2020-01-01T00:00:00"}, "invalid", "like 2026-01-31T23:59:59Z"),
        ({"name": ""}, "invalid", "`/name`: Length must be between 1 and 200. 1 more stands in `errors`."),
        ({"subject": "ani "}, "bad-subject", "U+0020 SPACE"),
        ({"issuer": "https://elsewhere.example"}, "unknown-issuer", "https://elsewhere.example"),
        ({"nickname": "A"}, "invalid", "`/nickname`: There is no such field; known are"),
    ],
)
def test_an_appointment_that_cannot_be_is_refused_with_its_reason(
    review: Review, appointment: dict[str, Any], change: dict[str, Any], code: str, said: str
) -> None:
    before = review.stage.state()
    answer = review.put("officer", "/assessors/ani", {**appointment, **change})
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert said in answer.json["detail"]
    assert review.stage.state() == before


def test_an_id_that_cannot_stand_in_an_address_is_refused(
    review: Review, appointment: dict[str, Any]
) -> None:
    answer = review.put("officer", "/assessors/Ani_B", appointment)
    assert (answer.status_code, answer.json["code"]) == (422, "bad-id")


def test_one_person_is_one_assessor(review: Review, appointment: dict[str, Any]) -> None:
    review.put("officer", "/assessors/ani", appointment)
    before = review.stage.state()
    answer = review.put("officer", "/assessors/ani-again", appointment)
    assert (answer.status_code, answer.json["code"]) == (409, "already-exists")
    assert "the assessor ani already" in answer.json["detail"]
    assert review.stage.state() == before


def test_only_the_ministry_appoints_and_lists(review: Review, appointment: dict[str, Any]) -> None:
    review.appoint("ani")
    review.stage.person("kepala", "coordinator", "kota-a")
    before = review.stage.state()
    for who in ("ani", "kepala", "stranger"):
        assert review.put(who, "/assessors/budi", appointment).status_code == 403
        assert review.get(who, "/assessors").status_code == 403
    assert review.put(None, "/assessors/budi", appointment).status_code == 401
    assert review.stage.state() == before


def test_assessors_are_listed_page_by_page(review: Review) -> None:
    for id in ("ani", "budi", "citra"):
        review.appoint(id)
    first = review.get("officer", "/assessors", limit=2).json
    rest = review.get("officer", "/assessors", limit=2, after=first["next"]).json
    assert [assessor["id"] for assessor in first["items"] + rest["items"]] == ["ani", "budi", "citra"]
    assert rest["next"] is None


def test_an_assessor_sees_itself_and_nobody_else(review: Review) -> None:
    review.appoint("ani")
    review.appoint("budi")
    assert review.get("ani", "/assessors/ani").json["name"] == "Ani"
    other, nobody = review.get("ani", "/assessors/budi"), review.get("ani", "/assessors/nobody")
    assert (other.status_code, nobody.status_code) == (404, 404)
    assert other.json["detail"].replace("budi", "nobody") == nobody.json["detail"]


def test_an_assessor_adds_conflicts_and_takes_none_back(review: Review) -> None:
    for id in ("kota-a", "kota-b"):
        review.stage.consume(f"agency:{id}", agency(id))
    review.appoint("ani")
    review.put("officer", "/assessors/ani/conflicts", BARRED, rev(review))
    own = {"agencies": [{"agency": "kota-b", "reason": "I advised them."}]}
    answer = review.put("ani", "/assessors/ani/conflicts", own, rev(review))
    assert [(interest["agency"], interest["declared_by"]) for interest in answer.json["conflicts"]] == [
        ("kota-a", "p-officer"),
        ("kota-b", "assessor:ani"),
    ]
    assert (
        review.put("ani", "/assessors/ani/conflicts", {"agencies": []}, rev(review)).json["conflicts"]
        == (answer.json["conflicts"])
    )
    cleared = {"agencies": [], "reason": "Both were about namesakes."}
    assert review.put("officer", "/assessors/ani/conflicts", cleared, rev(review)).json["conflicts"] == []


def test_conflicts_are_declared_by_nobody_else_and_never_blindly(review: Review) -> None:
    review.stage.consume("agency:kota-a", agency())
    review.appoint("ani")
    review.appoint("budi")
    before = review.stage.state()
    assert review.put("budi", "/assessors/ani/conflicts", BARRED, '"1"').status_code == 404
    assert review.put("officer", "/assessors/nobody/conflicts", BARRED, '"1"').status_code == 404
    assert review.put("officer", "/assessors/ani/conflicts", BARRED).status_code == 428
    assert review.put("officer", "/assessors/ani/conflicts", BARRED, '"9"').json["code"] == "stale"
    unknown = {"agencies": [{"agency": "kota-z", "reason": "Why?"}]}
    assert review.put("officer", "/assessors/ani/conflicts", unknown, '"1"').json["code"] == "unknown-agency"
    assert review.put("officer", "/assessors/ani/conflicts", {"agencies": [{}]}, '"1"').status_code == 422
    assert review.stage.state() == before


def test_a_conflict_that_the_ministry_sends_again_keeps_who_declared_it(review: Review) -> None:
    review.stage.consume("agency:kota-a", agency())
    review.appoint("ani")
    review.put("ani", "/assessors/ani/conflicts", BARRED, rev(review))

    def declared(reason: str) -> str:
        sent = {"agencies": [{"agency": "kota-a", "reason": reason}], "reason": "Said more exactly."}
        (interest,) = review.put("officer", "/assessors/ani/conflicts", sent, rev(review)).json["conflicts"]
        return str(interest["declared_by"])

    assert declared("My sister works there.") == "assessor:ani"
    assert declared("Her sister works there.") == "p-officer"


def hidden(review: Review, case: str, task: str) -> None:
    """Show that a task and its case are to the assessor as if they were not there."""
    before = review.stage.state()
    refused = review.post("ani", f"/tasks/{task}/claim")
    nothing = review.post("ani", "/tasks/nothing/claim")
    assert refused.status_code == nothing.status_code == 404
    assert refused.json["detail"] == nothing.json["detail"]
    for state in ("open", "mine", "all"):
        assert review.get("ani", "/tasks", state=state).json["items"] == []
    assert review.get("ani", "/cases").json["items"] == []
    refused, nothing = review.get("ani", f"/cases/{case}"), review.get("ani", "/cases/nothing")
    assert refused.status_code == nothing.status_code == 404
    assert refused.json["detail"] == nothing.json["detail"]
    for what in (f"evidence/{FILE}", "words"):
        refused = review.get("ani", f"/cases/{case}/{what}")
        assert (refused.status_code, refused.json["detail"]) == (404, nothing.json["detail"])
    assert review.stage.state() == before


def test_the_employer_is_a_conflict_by_itself(review: Review) -> None:
    case = review.open()
    review.appoint("ani", employer_agency="kota-a")
    hidden(review, case, review.open_task())


def test_a_declared_conflict_hides_the_agencys_tasks_and_cases(review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    review.put("officer", "/assessors/ani/conflicts", BARRED, rev(review))
    hidden(review, case, review.open_task())


def test_a_conflict_that_is_declared_later_takes_the_task_away_at_once(review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    assert review.get("ani", f"/cases/{case}").status_code == 200
    review.put("ani", "/assessors/ani/conflicts", BARRED, rev(review))
    (event,) = review.stage.published(TaskReleased)
    assert (event.task, event.assessor, event.reason) == (task, "ani", "conflict")
    lost = review.rate("ani", task, fence, "1", 3)
    assert (lost.status_code, lost.json["code"], lost.json["yours"]["value"]) == (409, "lost-lease", 3)
    hidden(review, case, task)


def test_a_conflict_leaves_the_tasks_of_other_agencies_alone(review: Review) -> None:
    review.open()
    review.open("kota-b")
    review.appoint("ani")
    task = review.open_task("kota-b")
    fence = review.claim("ani", task)
    review.put("ani", "/assessors/ani/conflicts", BARRED, rev(review))
    assert review.stage.published(TaskReleased) == []
    assert review.rate("ani", task, fence, "1", 3).status_code == 200


def test_an_employer_that_is_entered_later_takes_the_task_away_too(
    review: Review, appointment: dict[str, Any]
) -> None:
    case = review.open()
    review.appoint("ani")
    task = review.open_task()
    review.claim("ani", task)
    employed = {**appointment, "employer_agency": "kota-a"}
    assert review.put("officer", "/assessors/ani", employed, rev(review)).status_code == 200
    hidden(review, case, task)


def test_a_claim_and_a_conflict_at_the_same_time_never_both_stand(review: Review) -> None:
    review.open()
    review.appoint("ani")
    task, version = review.open_task(), rev(review)
    ready = threading.Barrier(2)

    def claim() -> None:
        ready.wait()
        review.post("ani", f"/tasks/{task}/claim")

    def declare() -> None:
        ready.wait()
        review.put("ani", "/assessors/ani/conflicts", BARRED, version)

    _ = review.stage.app
    threads = [threading.Thread(target=act) for act in (claim, declare)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert review.get("officer", "/assessors/ani").json["conflicts"] != []
    assert review.stage.db["tasks"].count_documents({"state": "claimed"}) == 0


# separation of duties


def test_nobody_appoints_themselves(review: Review, appointment: dict[str, Any]) -> None:
    review.appoint("budi")
    before = review.stage.state()
    own = {**appointment, "subject": "officer"}
    answers = [
        review.put("officer", "/assessors/me", own),
        review.put("officer", "/assessors/budi", own, rev(review, "budi")),
    ]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(403, "own-roles")] * 2
    assert review.stage.state() == before
    assert review.get("officer", "/assessors/budi").json["subject"] == "budi"


def test_an_officer_who_is_an_assessor_leaves_its_own_appointment_to_others(
    review: Review, appointment: dict[str, Any]
) -> None:
    review.stage.person("second", "ministry")
    own = {**appointment, "subject": "officer"}
    assert review.put("second", "/assessors/off", own).status_code == 201
    longer = {**own, "since": "2010-01-01T00:00:00Z"}
    answer = review.put("officer", "/assessors/off", longer, rev(review, "off"))
    assert (answer.status_code, answer.json["code"]) == (403, "own-roles")
    assert review.put("officer", "/assessors/off", own).status_code == 201


def test_declared_conflicts_are_taken_back_and_rewritten_for_a_reason_that_is_written_down(
    review: Review,
) -> None:
    for id in ("kota-a", "kota-b"):
        review.stage.consume(f"agency:{id}", agency(id))
    review.appoint("ani")
    review.put("ani", "/assessors/ani/conflicts", BARRED, rev(review))
    more = {"agencies": [*BARRED["agencies"], {"agency": "kota-b", "reason": "She advised them."}]}
    assert review.put("officer", "/assessors/ani/conflicts", more, rev(review)).status_code == 200
    before = review.stage.state()
    other = {"agencies": [{"agency": "kota-a", "reason": "Otherwise."}, more["agencies"][1]]}
    for sent, agencies in (({"agencies": []}, ["kota-a", "kota-b"]), (other, ["kota-a"])):
        answer = review.put("officer", "/assessors/ani/conflicts", sent, rev(review))
        assert (answer.status_code, answer.json["code"]) == (422, "reason-needed")
        assert answer.json["agencies"] == agencies
    for reason in ("", 5):
        blank = review.put(
            "officer", "/assessors/ani/conflicts", {"agencies": [], "reason": reason}, rev(review)
        )
        assert blank.status_code == 422
    assert review.stage.state() == before
    review.put("officer", "/assessors/ani/conflicts", {"agencies": [], "reason": "A namesake."}, rev(review))
    (row,) = review.stage.db["audit"].find({"subject": "assessor:ani"}).sort("seq", -1).limit(1)
    assert (row["action"], row["detail"]["reason"], row["actor"]) == (
        "conflicts.declared",
        "A namesake.",
        "p-officer",
    )


def test_an_employer_that_is_left_stays_a_conflict(review: Review, appointment: dict[str, Any]) -> None:
    case = review.open()
    review.appoint("ani", employer_agency="kota-a")
    answer = review.put("officer", "/assessors/ani", appointment, rev(review))
    assert [(each["agency"], each["reason"]) for each in answer.json["conflicts"]] == [
        ("kota-a", "was its employer")
    ]
    hidden(review, case, review.open_task())


@pytest.mark.parametrize(
    "change", [{"until": "2021-01-01T00:00:00Z"}, {"subject": "ani-2"}, {"since": "2090-01-01T00:00:00Z"}]
)
def test_the_end_of_an_appointment_opens_its_tasks_and_is_remembered(
    review: Review, appointment: dict[str, Any], change: dict[str, Any]
) -> None:
    review.open()
    review.appoint("ani")
    task = review.open_task()
    fence = review.claim("ani", task)
    assert review.put("officer", "/assessors/ani", {**appointment, **change}, rev(review)).status_code == 200
    (event,) = review.stage.published(TaskReleased)
    assert (event.task, event.assessor, event.reason, event.fence) == (task, "ani", "appointment", fence)
    (past,) = review.stage.published(AssessorSet)[-1].past
    assert (past.subject, past.role, past.agency, past.since.year) == ("ani", "assessor", None, 2020)


def test_the_audit_trail_tells_who_an_assessor_was_made(review: Review, appointment: dict[str, Any]) -> None:
    review.appoint("ani")
    for change in ({"subject": "mallory"}, {"subject": "mallory", "name": "M"}):
        assert (
            review.put("officer", "/assessors/ani", {**appointment, **change}, rev(review)).status_code == 200
        )
    rows = review.stage.db["audit"].find({"subject": "assessor:ani"}).sort("seq", 1)
    told = [(row["detail"].get("subject"), row["detail"].get("was_subject")) for row in rows]
    assert told == [("ani", None), ("mallory", "ani"), (None, None)]


def test_a_longer_appointment_leaves_its_tasks_and_nothing_to_remember(
    review: Review, appointment: dict[str, Any]
) -> None:
    review.open()
    review.appoint("ani", until="2090-01-01T00:00:00Z")
    task = review.open_task()
    fence = review.claim("ani", task)
    assert review.put("officer", "/assessors/ani", appointment, rev(review)).status_code == 200
    assert review.stage.published(TaskReleased) == []
    assert review.stage.published(AssessorSet)[-1].past == ()
    assert review.rate("ani", task, fence, "1", 3).status_code == 200


def test_an_appointment_that_is_about_to_end_cuts_the_lease_short(
    review: Review, appointment: dict[str, Any]
) -> None:
    review.open()
    review.appoint("ani")
    task = review.open_task()
    review.claim("ani", task)
    soon = datetime.now(UTC) + timedelta(minutes=2)
    review.put("officer", "/assessors/ani", {**appointment, "until": soon.isoformat()}, rev(review))
    assert review.stage.published(TaskReleased) == []
    row = review.stage.db["tasks"].find_one({"_id": task})
    assert row is not None
    assert abs(row["until"] - soon) < timedelta(milliseconds=1)
