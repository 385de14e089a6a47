"""Conflicts of interest at the pages: declared by the ministry and by assessors, taken back for a reason."""

import pytest

from shared.events.review import TaskReleased
from tests.review.builders import FILE, Review
from tests.review.ministry import ASSESSORS, ME, Pages, officer_of

WHY = {"agency": "kota-a", "reason": "Saudara bekerja di sana."}
CONFLICTS = f"{ASSESSORS}/ani/conflicts"


@pytest.fixture
def officer(review: Review) -> Pages:
    pages = officer_of(review)
    review.open()
    review.appoint("ani")
    return pages


def declared(review: Review) -> list[tuple[str, str, str]]:
    conflicts = review.get("officer", "/assessors/ani").json["conflicts"]
    return [(one["agency"], one["reason"], one["declared_by"]) for one in conflicts]


def test_the_ministry_declares_and_the_task_is_taken_away_and_the_evidence_shut(
    officer: Pages, review: Review
) -> None:
    review.claim("ani", review.open_task())
    assert review.get("ani", f"/cases/s-kota-a/evidence/{FILE}").status_code == 200
    for _ in range(2):
        sent = officer.send(CONFLICTS, **WHY)
        assert (sent.status_code, sent.location) == (303, f"{ASSESSORS}/ani?done=declared#conflicts")
    assert declared(review) == [("kota-a", WHY["reason"], "p-officer")]
    assert [event.reason for event in review.stage.published(TaskReleased)] == ["conflict"]
    assert review.get("ani", f"/cases/s-kota-a/evidence/{FILE}").status_code == 404
    text = officer.text(f"{ASSESSORS}/ani?done=declared")
    for said in ("The conflict of interest is declared", WHY["reason"], "open again"):
        assert said in text
    assert '<option value="kota-a"' not in text
    assert '<option value="kota-b"' in text


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "Choose the agency."),
        ({"agency": "kota-b"}, 422, "Write the reason: what connects"),
        ({"agency": "kota-b", "reason": "x" * 1001}, 422, "Write the reason in at most 1,000 characters."),
        ({"agency": "kota-z", "reason": "Why?"}, 422, "No agency is called kota-z."),
        ({"agency": "/", "reason": "Why?"}, 422, "Choose an agency from the list."),
        ({"agency": "kota-a", "reason": "Otherwise."}, 409, "is declared already"),
    ],
)
def test_what_cannot_be_declared_is_refused_and_changes_nothing(
    officer: Pages, review: Review, form: dict[str, str], status: int, said: str
) -> None:
    officer.send(CONFLICTS, **WHY)
    assert said in officer.refused(status, CONFLICTS, **form)
    assert said in Pages(review, "ani").refused(status, f"{ME}/conflicts", **form)
    assert officer.send(f"{ASSESSORS}/nobody/conflicts", **WHY).status_code == 404


def test_an_assessor_declares_of_itself_and_reads_what_is_declared(officer: Pages, review: Review) -> None:
    officer.send(CONFLICTS, **WHY)
    ani = Pages(review, "ani")
    sent = ani.send(f"{ME}/conflicts", agency="kota-b", reason="Saya pernah menjadi konsultannya.")
    assert (sent.status_code, sent.location) == (303, f"{ME}?done=declared#conflicts")
    assert declared(review)[1] == ("kota-b", "Saya pernah menjadi konsultannya.", "assessor:ani")
    text = ani.text(f"{ME}?done=declared")
    for said in ("My appointment", "Kota-A", "declared by the ministry", "Kota-B", "declared by you"):
        assert said in text
    assert "officer" not in text.replace("officers of the ministry", "")
    assert "Take back" not in text
    assert "declared by the assessor" in officer.text(f"{ASSESSORS}/ani")


def test_a_role_in_an_agency_is_a_conflict_by_itself(officer: Pages, review: Review) -> None:
    review.stage.person("ani", "clerk", "kota-b")
    assert "holds a role in the agency" in Pages(review, "ani").text(ME)


def test_the_ministry_takes_back_for_a_reason(officer: Pages, review: Review) -> None:
    officer.send(CONFLICTS, **WHY)
    place = f"{CONFLICTS}/kota-a"
    assert WHY["reason"] in officer.text(place)
    assert "Say in at most 2,000 characters why" in officer.refused(422, place)
    sent = officer.send(place, reason="Hanya kesamaan nama.")
    assert (sent.status_code, sent.location) == (303, f"{ASSESSORS}/ani?done=taken#conflicts")
    assert declared(review) == []
    (row,) = review.stage.db["audit"].find({"subject": "assessor:ani"}).sort("seq", -1).limit(1)
    assert (row["action"], row["detail"]["reason"]) == ("conflicts.declared", "Hanya kesamaan nama.")
    for again in (officer.get(place), officer.send(place, reason="Again.")):
        assert again.status_code == 404


def test_an_officer_who_is_the_assessor_declares_and_takes_nothing_back(
    officer: Pages, review: Review
) -> None:
    review.stage.person("second", "ministry")
    sent = {"issuer": review.stage.settings.oidc_issuer, "subject": "officer", "name": "O"}
    body = {**sent, "since": "2020-01-01T00:00:00Z"}
    assert review.put("second", "/assessors/off", body).status_code == 201
    place = f"{ASSESSORS}/off/conflicts"
    assert officer.send(place, **WHY).status_code == 303
    assert "Take back" not in officer.text(f"{ASSESSORS}/off")
    assert "ask another officer" in officer.refused(403, f"{place}/kota-a", reason="Why not?")


def test_only_assessors_have_a_standing_and_nobody_declares_for_others(
    officer: Pages, review: Review
) -> None:
    review.stage.person("pura", "assessor")
    before = review.stage.state()
    pura = Pages(review, "pura")
    assert pura.get(ME).status_code == 404
    assert pura.send(f"{ME}/conflicts", **WHY).status_code == 404
    assert officer.get(ME).status_code == 403
    assert officer.send(f"{ME}/conflicts", **WHY).status_code == 403
    ani = Pages(review, "ani")
    for path in (CONFLICTS, f"{CONFLICTS}/kota-a"):
        assert ani.send(path, **WHY).status_code == 403
    assert review.stage.state() == before
