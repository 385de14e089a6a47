"""What is signed can be kept: room for every sealed file, its true size, and a way to make room."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.intake import commands
from services.intake.sweeps import evidence as sweeps
from shared.core.errors import Conflict
from shared.core.ids import utcnow
from shared.events.intake import SubmissionCompleted, SubmissionSealed
from shared.storage.transaction import Transaction
from tests.intake.files import digest, pdf
from tests.intake.rounds import A, B, Round, answer, exhibit, good, keep_unlinked_no_longer, problem
from tests.intake.tus import BYTES, ROOT, Tus

ONE, TWO, THREE = (pdf(text, 3500) for text in ("satu", "dua", "tiga"))


@pytest.fixture
def tight(play: Round) -> Round:
    """A round whose quota takes two of the three files; two are here, and answers name none yet."""
    play.open(evidence={"max_file_bytes": 4000, "quota_bytes": 8000, "types": ["pdf"]})
    for data in (ONE, TWO):
        assert play.upload(data).status_code == 204
    return play


def unlink(play: Round, data: bytes, who: str = "clerk-a", id: str = A) -> tuple[int, str]:
    answered = play.as_(who).delete(f"{ROOT}/evidence/{id}/{digest(data)}")
    return problem(answered) if answered.status_code != 204 else (204, "")


def test_a_promise_that_the_quota_cannot_keep_is_not_signed(tight: Round) -> None:
    tight.answer_all(A, {"1": [exhibit(ONE)], "2": [exhibit(THREE)]})
    order, before = tight.order(), tight.stage.state()
    refused = tight.seal_raw(order)
    assert problem(refused) == (422, "promise-over-quota")
    told = refused.json or {}
    assert (told["quota_bytes"], told["kept_bytes"], told["wanted_bytes"]) == (8000, 7000, 3500)
    assert tight.stage.state() == before
    assert unlink(tight, TWO) == (204, "")
    good(tight.seal_raw(order), 201)
    assert tight.upload(THREE).status_code == 204
    assert tight.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_what_is_here_already_and_what_can_never_come_need_no_room(tight: Round) -> None:
    huge = {"sha256": "f" * 64, "name": "film.pdf", "size": 4001}
    tight.answer_all(A, {"1": [exhibit(ONE), exhibit(TWO)], "2": [huge]})
    good(tight.seal_raw(tight.order()), 201)


def test_an_upload_under_way_does_not_stand_in_the_way_of_its_own_seal(play: Round) -> None:
    play.open(evidence={"max_file_bytes": 4000, "quota_bytes": 4000, "types": ["pdf"]})
    assert play.begin_upload("clerk-a").status_code == 201
    play.answer_all(A, {"1": [exhibit(ONE)]})
    good(play.seal_raw(play.order()), 201)


def test_a_file_that_nothing_names_is_unlinked_with_its_bytes(tight: Round) -> None:
    assert unlink(tight, ONE) == (204, "")
    assert tight.stage.audited(f"participation:{A}")[-1] == "file.unlinked"
    assert [file["sha256"] for file in tight.get("clerk-a", f"/evidence/{A}")["items"]] == [digest(TWO)]
    assert unlink(tight, ONE) == (404, "not-found")
    keep_unlinked_no_longer(tight.stage)
    assert tight.stage.audited(f"blob:{digest(ONE)}") == ["blob.deleted"]
    assert tight.upload(ONE).status_code == 204


def test_bytes_that_another_agency_holds_stay(tight: Round) -> None:
    assert tight.upload(ONE, id=B).status_code == 204
    assert unlink(tight, ONE) == (204, "")
    sweeps.delete_unowned_blobs(tight.stage.store)
    assert tight.as_("clerk-b").get(f"{ROOT}/evidence/{B}/{digest(ONE)}").data == ONE


def test_a_file_that_is_named_stays(tight: Round) -> None:
    tight.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(2, evidence=[exhibit(ONE)]), 0)
    before = tight.stage.state()
    assert unlink(tight, ONE) == (409, "file-in-use")
    assert tight.stage.state() == before
    tight.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(2), 1)
    assert unlink(tight, ONE) == (204, "")


def test_a_sealed_file_stays(tight: Round) -> None:
    tight.answer_all(A, {"1": [exhibit(ONE)]})
    tight.seal()
    assert unlink(tight, ONE) == (409, "file-in-use")
    assert unlink(tight, TWO) == (204, "")


@pytest.mark.parametrize(
    ("who", "id", "refusal"),
    [
        ("clerk-b", A, (404, "not-found")),
        ("clerk-b", B, (404, "not-found")),
        ("minister", A, (403, "role-needed")),
        ("stranger", A, (403, "role-needed")),
    ],
)
def test_nobody_else_lets_a_file_go(tight: Round, who: str, id: str, refusal: tuple[int, str]) -> None:
    before = tight.stage.state()
    assert unlink(tight, ONE, who, id) == refusal
    assert tight.stage.state() == before


def test_a_seal_in_another_cycle_and_letting_go_at_once_never_both_happen(tight: Round) -> None:
    """Write skew, forced: another cycle's seal counts on the file after its going was decided."""
    other = tight.another_cycle()
    clerk = tight.stage.person("clerk-a", "clerk", "kota-a")
    seen: list[int] = []

    def unlink_slowly(tx: Transaction) -> None:
        seen.append(tx.count("submissions", {}))
        if len(seen) == 1:
            with ThreadPoolExecutor(1) as somebody_else:
                somebody_else.submit(named_and_sealed, tight, other).result()
        commands.unlink_file(tx, A, digest(ONE))

    with pytest.raises(Conflict) as refused:
        tight.stage.run(unlink_slowly, caller=clerk)
    assert (refused.value.cause_code, seen) == ("file-in-use", [0, 1])
    assert tight.get("officer-a", f"/participations/{other}")["state"] == "completed"


def named_and_sealed(play: Round, id: str) -> None:
    play.answer_all(id, {"1": [exhibit(ONE)]})
    good(play.seal_raw(play.order(id), id), 201)


def sealed_with_size(play: Round, size: int) -> None:
    """Seal the third file under a size that the sender made up."""
    play.answer_all(A, {"1": [{**exhibit(THREE), "size": size}]})
    play.seal()


def test_a_file_of_another_size_than_the_sealed_one_is_not_kept(open_round: Round) -> None:
    sealed_with_size(open_round, 7)
    before = open_round.stage.state()
    clerk = Tus(open_round.as_("clerk-a"), A)
    refused = clerk.begin("tiga.pdf", len(THREE), sha256=digest(THREE))
    assert problem(refused) == (422, "size-differs")
    assert "7 bytes, not 3500" in (refused.json or {})["detail"]
    assert open_round.stage.state() == before


def test_an_upload_from_before_the_seal_is_held_against_the_sealed_size_at_its_end(open_round: Round) -> None:
    clerk = Tus(open_round.as_("clerk-a"), A)
    place = clerk.place("tiga.pdf", len(THREE))
    sealed_with_size(open_round, 7)
    assert problem(clerk.patch(place, 0, THREE)) == (422, "size-differs")
    assert open_round.get("officer-a", f"/participations/{A}")["state"] == "sealed"
    assert "file_ownerships" not in open_round.stage.state()


# a PATCH that takes its time


class Halfway(BytesIO):
    """The body of a request; before its second half is read, something else happens."""

    def __init__(self, data: bytes, happens: Callable[[], object]) -> None:
        super().__init__(data)
        self._half, self._happens = len(data) // 2, happens

    def readinto(self, into: Any, /) -> int:
        if self.tell() == self._half:
            with ThreadPoolExecutor(1) as somebody_else:
                somebody_else.submit(self._happens).result()
        piece = self.read(self._half if self.tell() < self._half else -1)
        into[: len(piece)] = piece
        return len(piece)


def slowly(play: Round, data: bytes, happens: Callable[[], object]) -> TestResponse:
    """Send a file in one PATCH, halfway through which something happens."""
    clerk = Tus(play.as_("clerk-a"), A)
    place = clerk.place("tiga.pdf", len(data))
    return play.as_("clerk-a").patch(
        place,
        headers={**BYTES, "Upload-Offset": "0"},
        input_stream=Halfway(data, happens),
        content_length=len(data),
    )


def test_what_a_long_patch_completes_is_dated_after_the_seal_that_came_meanwhile(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit(THREE)]})
    assert slowly(open_round, THREE, open_round.seal).status_code == 204
    assert open_round.stage.published_types()[-2:] == ["submission.sealed.v1", "submission.completed.v1"]
    (sealed,) = open_round.stage.published(SubmissionSealed)
    (completed,) = open_round.stage.published(SubmissionCompleted)
    assert sealed.sealed_at <= completed.completed_at
    chain = list(open_round.stage.db["audit"].find({"subject": f"participation:{A}"}).sort("seq", 1))
    assert [entry["at"] for entry in chain] == sorted(entry["at"] for entry in chain)


def test_a_role_that_is_taken_away_during_a_patch_keeps_nothing(open_round: Round) -> None:
    stage = open_round.stage
    refused = slowly(open_round, THREE, lambda: stage.person("clerk-a", "clerk", "kota-b"))
    assert problem(refused) == (404, "not-found")
    assert "file_ownerships" not in stage.state()
    assert stage.audited(f"participation:{A}")[-1] == "upload.begun"


# an agency that is over


def end_agency(play: Round) -> None:
    """The first agency existed until a moment ago."""
    shown = play.get("minister", "/agencies/kota-a")
    body = {name: shown[name] for name in ("name", "group", "since")}
    play.put("minister", "/agencies/kota-a", {**body, "until": utcnow().isoformat()}, shown["rev"])


def test_an_agency_that_is_over_neither_answers_nor_uploads_nor_seals(ready: Round) -> None:
    order = ready.order()
    place = Tus(ready.as_("clerk-a"), A).place("tiga.pdf", len(THREE))
    end_agency(ready)
    before = ready.stage.state()
    over = (422, "agency-over")
    saved = ready.put_raw("clerk-a", f"/self-assessments/{A}/answers/2", answer(3), 1)
    assert problem(saved) == over
    assert problem(ready.seal_raw(order)) == over
    assert problem(ready.begin_upload("clerk-a")) == over
    assert problem(Tus(ready.as_("clerk-a"), A).patch(place, 0, THREE)) == over
    changed = {"activity": "evaluation", "visit": False}
    assert problem(ready.put_raw("minister", f"/participations/{A}", changed, 1)) == over
    ready.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    assert ready.stage.state() == before


def test_what_an_agency_sealed_while_it_existed_may_still_come(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit(THREE)]})
    open_round.seal()
    end_agency(open_round)
    assert open_round.upload(THREE).status_code == 204
    assert open_round.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_the_visit_of_what_an_agency_sealed_is_decided_after_its_end(open_round: Round) -> None:
    def decide(visit: bool) -> TestResponse:
        rev = open_round.get("minister", f"/participations/{A}")["rev"]
        body = {"activity": "evaluation", "visit": visit}
        return open_round.put_raw("minister", f"/participations/{A}", body, rev)

    good(decide(True))
    open_round.answer_all(A)
    open_round.seal()
    end_agency(open_round)
    good(decide(False))
    assert open_round.get("minister", f"/participations/{A}")["visit"] is False
