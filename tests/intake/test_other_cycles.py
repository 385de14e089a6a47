"""A file that an agency sent in one cycle and names in another: its name, its room, its time, its going."""

from datetime import timedelta

import pytest

from services.intake.sweeps.submissions import complete_overdue
from shared.core.ids import utcnow
from shared.events.files import MissingFile
from shared.events.intake import SubmissionCompleted
from shared.signing.keys import KeyRing
from shared.signing.links import Link, sign_link
from tests.intake.files import digest, pdf
from tests.intake.rounds import A, Json, Round, answer, exhibit, good, keep_unlinked_no_longer, problem
from tests.intake.test_promises import unlink
from tests.intake.tus import ROOT

ONE, TWO, THREE = (pdf(text, 3500) for text in ("satu", "dua", "tiga"))
ALL = {"1": [exhibit(ONE)], "2": [exhibit(TWO)], "3": [exhibit(THREE)]}


@pytest.fixture
def tight(play: Round) -> Round:
    """A round whose quota takes two of the three files."""
    play.open(evidence={"max_file_bytes": 4000, "quota_bytes": 8000, "types": ["pdf"]})
    return play


def cycles(play: Round) -> Json:
    """In which cycles each of the agency's files counts, by SHA-256."""
    return {file["sha256"]: file["cycles"] for file in play.get("clerk-a", f"/evidence/{A}")["items"]}


def test_a_link_gives_the_file_under_its_sealed_name(open_round: Round) -> None:
    other = open_round.another_cycle()
    assert open_round.upload(ONE, "catatan-internal-2027.pdf", id=other).status_code == 204
    open_round.answer_all(A, {"1": [exhibit(ONE, "SK-final.pdf")]})
    submission = open_round.seal()["submission"]
    stage, soon = open_round.stage, utcnow() + timedelta(minutes=3)
    stage.person("asesor", "assessor")
    key = KeyRing.load(stage.settings.keys, "review").signing("links", utcnow())
    link = sign_link(Link(digest(ONE), submission, "asesor", stage.settings.oidc_issuer, soon, "t", 1), key)
    given = open_round.as_("asesor").get(f"{ROOT}/linked/evidence", query_string={"link": link})
    assert given.data == ONE
    assert "SK-final.pdf" in given.headers["Content-Disposition"]
    assert "catatan" not in given.headers["Content-Disposition"]


def test_a_file_that_may_be_sent_again_needs_room(tight: Round) -> None:
    assert tight.upload(ONE, id=tight.another_cycle()).status_code == 204
    tight.answer_all(A, ALL)
    before = tight.stage.state()
    refused = tight.seal_raw(tight.order())
    assert problem(refused) == (422, "promise-over-quota")
    assert (refused.json or {})["wanted_bytes"] == 10_500
    assert tight.stage.state() == before


def test_a_client_that_sends_every_sealed_file_is_not_stopped(tight: Round) -> None:
    assert tight.upload(ONE, id=tight.another_cycle()).status_code == 204
    tight.answer_all(A, {name: ALL[name] for name in ("1", "2")})
    tight.seal()
    assert [tight.upload(data).status_code for data in (ONE, TWO)] == [204, 204]
    assert tight.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_what_is_held_from_another_cycle_needs_no_room_when_nothing_is_to_come(tight: Round) -> None:
    for data, id in ((ONE, "2027"), (TWO, "2027"), (THREE, "2028")):
        other = f"{id}.kota-a" if data is TWO else tight.another_cycle(id)
        assert tight.upload(data, id=other).status_code == 204
    tight.answer_all(A, ALL)
    tight.seal()
    assert tight.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_a_file_that_another_cycle_sealed_makes_room_in_this_one(tight: Round) -> None:
    other = tight.another_cycle()
    for id in (other, A):
        assert [tight.upload(data, id=id).status_code for data in (ONE, TWO)] == [204, 204]
    tight.answer_all(other, {"1": [exhibit(ONE)], "2": [exhibit(TWO)]})
    tight.seal(other)
    tight.answer_all(A, {"1": [exhibit(THREE)]})
    order = tight.order()
    assert problem(tight.seal_raw(order, key="key-2")) == (422, "promise-over-quota")
    assert unlink(tight, ONE, id=other) == (409, "file-in-use")
    assert unlink(tight, ONE) == (204, "")
    assert cycles(tight) == {digest(ONE): ["2027"], digest(TWO): ["2026", "2027"]}
    assert unlink(tight, ONE) == (404, "not-found")
    good(tight.seal_raw(order, key="key-2"), 201)
    assert tight.upload(THREE).status_code == 204
    assert tight.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_the_last_cycle_keeps_what_another_one_names(tight: Round) -> None:
    other = tight.another_cycle()
    assert tight.upload(ONE).status_code == 204
    tight.put("clerk-a", f"/self-assessments/{other}/answers/1", answer(2, evidence=[exhibit(ONE)]), 0)
    assert unlink(tight, ONE) == (409, "file-in-use")
    assert tight.upload(ONE, id=other).status_code == 204
    assert unlink(tight, ONE) == (204, "")
    tight.put("clerk-a", f"/self-assessments/{other}/answers/1", answer(2), 1)
    assert unlink(tight, ONE, id=other) == (204, "")
    assert cycles(tight) == {}
    keep_unlinked_no_longer(tight.stage)
    assert tight.stage.audited(f"blob:{digest(ONE)}")[-1:] == ["blob.deleted"]


def test_bytes_that_come_by_another_cycle_after_the_end_for_bytes_do_not_count(open_round: Round) -> None:
    other, stage = open_round.another_cycle(), open_round.stage
    open_round.answer_all(A, {"1": [exhibit(ONE)]})
    open_round.seal()
    over = utcnow() - timedelta(hours=2)
    times = {"$set": {"deadline": over, "bytes_until": over}}
    stage.db["participations"].update_one({"_id": A}, times)
    stage.db["completions"].update_one({}, {"$set": {"bytes_until": over}})
    assert open_round.upload(ONE, id=other).status_code == 204
    assert stage.published(SubmissionCompleted) == []
    complete_overdue(stage.store)
    (told,) = stage.published(SubmissionCompleted)
    assert told.missing == (MissingFile(sha256=digest(ONE), name="peraturan.pdf", reason="absent"),)
