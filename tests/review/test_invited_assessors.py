"""Assessors whom an officer invited: appointed once they have accepted it, for that officer, and as often as once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.core.ids import utcnow
from shared.events.intake import AppointmentAccepted
from shared.events.review import AssessorSet
from tests.review.builders import Review, agency

ACCEPTED = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def accepted(review: Review, **changes: Any) -> AppointmentAccepted:
    issuer = review.stage.settings.oidc_issuer
    fields = {
        "invitation": "i-1",
        "issuer": issuer,
        "subject": "ani",
        "name": "Ani Suryani",
        "by": "p-officer",
        "by_issuer": issuer,
        "by_subject": "officer",
        "accepted_at": ACCEPTED,
    }
    return AppointmentAccepted(**{**fields, **changes})


def take(review: Review, **changes: Any) -> str:
    return review.stage.consume("invitation:i-1", accepted(review, **changes))


@pytest.fixture(autouse=True)
def ministry(review: Review) -> None:
    review.stage.person("officer", "ministry")
    review.stage.consume("agency:kota-a", agency("kota-a"))


def test_whoever_accepted_is_appointed_for_the_officer_who_invited(review: Review) -> None:
    assert review.get("ani", "/tasks").status_code == 403
    assert take(review, employer="kota-a") == "done"
    assert review.get("ani", "/tasks").status_code == 200
    ani = review.get("officer", "/assessors/ani-suryani").json
    assert (ani["name"], ani["subject"], ani["employer_agency"]) == ("Ani Suryani", "ani", "kota-a")
    assert (ani["since"], ani["until"]) == ("2026-03-01T00:00:00.000Z", None)
    (event,) = review.stage.published(AssessorSet)
    assert (event.assessor, event.subject) == ("ani-suryani", "ani")
    (entry,) = review.stage.db["audit"].find({"subject": "assessor:ani-suryani"})
    assert (entry["action"], entry["actor"]) == ("assessor.set", "service:review")
    assert (entry["detail"]["by"], entry["detail"]["invitation"]) == ("p-officer", "i-1")
    assert (entry["detail"]["employer"], entry["detail"]["subject"]) == ("kota-a", "ani")


def test_two_of_one_name_have_ids_of_their_own(review: Review) -> None:
    for subject in ("ani", "ani-2"):
        take(review, subject=subject, invitation=f"i-{subject}")
    ids = [one["id"] for one in review.get("officer", "/assessors").json["items"]]
    assert ids == ["ani-suryani", "ani-suryani-2"]


def test_an_employer_of_whom_nothing_is_known_yet_is_waited_for(review: Review) -> None:
    assert take(review, employer="kota-b") == "waiting"
    assert review.get("officer", "/assessors").json["items"] == []
    review.stage.consume("agency:kota-b", agency("kota-b"))
    assert set(review.stage.wake().values()) == {"done"}
    assert review.get("officer", "/assessors/ani-suryani").json["employer_agency"] == "kota-b"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"until": (utcnow() + 400 * DAY).isoformat()},
        {"since": (utcnow() + DAY).isoformat()},
        {"until": (ACCEPTED + DAY).isoformat()},
    ],
    ids=["serves", "serves until a day", "will serve", "ended since"],
)
def test_what_an_officer_decided_of_an_assessor_stays(review: Review, changes: dict[str, Any]) -> None:
    review.appoint("ani", **changes)
    before = review.get("officer", "/assessors/ani").json
    assert take(review, employer="kota-a") == "superseded"
    assert review.get("officer", "/assessors").json["items"] == [before]


def test_an_appointment_that_was_over_begins_anew_once(review: Review) -> None:
    review.appoint("ani", until=(ACCEPTED - DAY).isoformat(), employer_agency="kota-a")
    assert take(review) == "done"
    ani = review.get("officer", "/assessors/ani").json
    assert (ani["since"], ani["until"]) == ("2026-03-01T00:00:00.000Z", None)
    assert (ani["name"], ani["employer_agency"]) == ("Ani Suryani", "kota-a")
    (past,) = review.stage.published(AssessorSet)[-1].past
    assert past.until == ACCEPTED - DAY
    # The same invitation comes again, from a journal that reaches back further than anybody remembers its events.
    ended = {**ani, "until": (ACCEPTED + DAY).isoformat()}
    for extra in ("id", "conflicts", "rev"):
        ended.pop(extra)
    assert review.put("officer", "/assessors/ani", ended, '"2"').status_code == 200
    assert take(review) == "superseded"
    assert review.get("officer", "/assessors/ani").json["until"] == "2026-03-02T00:00:00.000Z"


def test_whose_appointment_went_to_another_identity_is_not_appointed_again(review: Review) -> None:
    take(review)
    issuer = review.stage.settings.oidc_issuer
    other = {"issuer": issuer, "subject": "other", "name": "Ani", "since": "2026-03-01T00:00:00Z"}
    assert review.put("officer", "/assessors/ani-suryani", other, '"1"').status_code == 200
    assert take(review) == "superseded"
    assert [one["subject"] for one in review.get("officer", "/assessors").json["items"]] == ["other"]
    assert take(review, accepted_at=utcnow() + DAY) == "done"
    assert len(review.get("officer", "/assessors").json["items"]) == 2


def test_nobody_is_appointed_by_themselves(review: Review) -> None:
    assert take(review, subject="officer") == "retry"
    assert review.get("officer", "/assessors").json["items"] == []
    (row,) = review.stage.db["deferred_events"].find()
    assert "Nobody appoints themselves" in str(row)


def test_a_vacant_assessor_s_tasks_are_open_to_whoever_was_invited(review: Review) -> None:
    review.open("kota-a")
    review.open("kota-b")
    take(review, employer="kota-a")
    shown = review.get("ani", "/tasks").json["items"]
    assert [task["agency"] for task in shown] == ["kota-b"]
