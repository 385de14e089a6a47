"""A sealed file that is refused on arrival can be replaced by one that the agency names: beside it, never silently."""

import pytest
from werkzeug.test import TestResponse

from services.intake import commands, store
from services.intake.domain import GRACE, sealed_file
from shared.core.errors import NotFound
from shared.events.intake import SubmissionCompleted
from tests.intake.files import digest, pdf
from tests.intake.rounds import FILE, SECOND, A, Json, Round, exhibit, good, problem
from tests.intake.tus import ROOT, Tus

BAD = b"MZ" + bytes(98)
INSTEAD = pdf("yang benar", 2000)
OTHER = pdf("yang lain", 1500)


@pytest.fixture
def refused(open_round: Round) -> Round:
    """Two files sealed; one of them came and was refused, the other one has not come yet."""
    open_round.answer_all(
        evidence={"1": [exhibit(BAD, "peraturan.pdf")], "2": [exhibit(SECOND, "laporan.pdf")]}
    )
    open_round.seal()
    assert problem(open_round.upload(BAD)) == (422, "wrong-type")
    return open_round


def tus(play: Round) -> Tus:
    return Tus(play.as_("clerk-a"), A)


def replace(play: Round, data: bytes = INSTEAD, name: str = "pengganti.pdf", of: bytes = BAD) -> TestResponse:
    place = tus(play).place(name, len(data), sha256=digest(data), replaces=digest(of))
    return tus(play).patch(place, 0, data)


def completion(play: Round) -> SubmissionCompleted:
    (only,) = play.stage.published(SubmissionCompleted)
    return only


def shown(play: Round) -> Json:
    (row,) = play.stage.db["submissions"].find()
    found: Json = play.get("officer-a", f"/submissions/{row['_id']}")
    return found


def test_both_stand_in_the_completion_and_the_promise_stays_as_it_was_sealed(refused: Round) -> None:
    sealed = shown(refused)
    assert replace(refused).status_code == 204
    assert refused.stage.published(SubmissionCompleted) == []
    assert refused.upload(SECOND, "laporan.pdf").status_code == 204
    told = completion(refused)
    assert [(file.sha256, file.reason, file.replaced_by) for file in told.missing] == [
        (digest(BAD), "wrong-type", digest(INSTEAD))
    ]
    assert {(file.sha256, file.name, file.type, file.size, file.replaces) for file in told.files} == {
        (digest(BAD), "peraturan.pdf", None, len(BAD), None),
        (digest(SECOND), "laporan.pdf", "pdf", len(SECOND), None),
        (digest(INSTEAD), "pengganti.pdf", "pdf", len(INSTEAD), digest(BAD)),
    }
    after = shown(refused)
    assert [(each["sha256"], each["by"], each["name"]) for each in after["replacements"]] == [
        (digest(BAD), digest(INSTEAD), "pengganti.pdf")
    ]
    assert after["missing"][0]["replaced_by"] == digest(INSTEAD)
    kept = ("answers", "files", "minutes", "consent", "sealed_at", "bytes_until")
    assert {name: after[name] for name in kept} == {name: sealed[name] for name in kept}
    assert "file.replaced" in refused.stage.audited(f"submission:{sealed['id']}")
    assert "file.replaced" in refused.stage.audited(f"participation:{A}")


def test_the_replacement_of_the_last_file_completes_the_submission(refused: Round) -> None:
    assert refused.upload(SECOND, "laporan.pdf").status_code == 204
    assert refused.stage.published(SubmissionCompleted) == []
    assert replace(refused).status_code == 204
    assert [file.replaced_by for file in completion(refused).missing] == [digest(INSTEAD)]
    assert refused.get("officer-a", f"/participations/{A}")["state"] == "completed"


def test_one_that_is_refused_too_takes_no_place_and_another_one_may_come(refused: Round) -> None:
    worse = b"MZ" + bytes(50)
    assert problem(replace(refused, worse)) == (422, "wrong-type")
    assert shown(refused)["replacements"] == []
    assert replace(refused).status_code == 204
    assert len(shown(refused)["replacements"]) == 1


def begun(play: Round, **more: str) -> tuple[int, str]:
    return problem(tus(play).begin("pengganti.pdf", len(INSTEAD), **more))


def test_only_what_was_refused_can_be_replaced_and_once(refused: Round) -> None:
    new, before = digest(INSTEAD), refused.stage.state()
    nothing = (422, "nothing-to-replace")
    assert begun(refused, sha256=new) == (422, "not-in-manifest")
    assert begun(refused, replaces=digest(BAD)) == (422, "sha256-needed")
    assert begun(refused, sha256=new, replaces=digest(SECOND)) == nothing
    assert begun(refused, sha256=new, replaces=digest(OTHER)) == nothing
    assert begun(refused, sha256=digest(SECOND), replaces=digest(BAD)) == nothing
    assert begun(refused, sha256=new, replaces="x") == (400, "bad-metadata")
    assert refused.stage.state() == before
    assert replace(refused).status_code == 204
    assert begun(refused, sha256=digest(OTHER), replaces=digest(BAD)) == nothing


def test_a_sealed_file_that_came_cannot_be_replaced(refused: Round) -> None:
    assert refused.upload(SECOND, "laporan.pdf").status_code == 204
    assert begun(refused, sha256=digest(INSTEAD), replaces=digest(SECOND)) == (422, "nothing-to-replace")


def test_before_the_seal_nothing_is_replaced(open_round: Round) -> None:
    assert problem(open_round.upload(BAD)) == (422, "wrong-type")
    assert begun(open_round, sha256=digest(INSTEAD), replaces=digest(BAD)) == (422, "nothing-to-replace")


def test_other_bytes_than_announced_take_no_place(refused: Round) -> None:
    place = tus(refused).place("pengganti.pdf", len(INSTEAD), sha256=digest(INSTEAD), replaces=digest(BAD))
    assert problem(tus(refused).patch(place, 0, OTHER + bytes(len(INSTEAD) - len(OTHER)))) == (
        422,
        "sha256-differs",
    )
    assert shown(refused)["replacements"] == []


def test_of_two_that_are_under_way_the_first_takes_the_place(refused: Round) -> None:
    first, second = (
        tus(refused).place("pengganti.pdf", len(data), sha256=digest(data), replaces=digest(BAD))
        for data in (INSTEAD, OTHER)
    )
    assert tus(refused).patch(second, 0, OTHER).status_code == 204
    assert problem(tus(refused).patch(first, 0, INSTEAD)) == (422, "nothing-to-replace")
    assert [each["by"] for each in shown(refused)["replacements"]] == [digest(OTHER)]


def test_a_file_whose_name_could_never_be_taken_can_be_replaced(open_round: Round) -> None:
    open_round.answer_all(evidence={"1": [exhibit(FILE, "peraturan.exe")]})
    open_round.seal()
    assert problem(tus(open_round).begin("peraturan.exe", len(FILE), sha256=digest(FILE))) == (
        422,
        "type-not-allowed",
    )
    assert replace(open_round, of=FILE).status_code == 204
    (gone,) = completion(open_round).missing
    assert (gone.reason, gone.replaced_by) == ("absent", digest(INSTEAD))


def test_a_replacement_is_evidence_that_is_not_unlinked_and_opens_by_link_only_with_its_submission(
    refused: Round,
) -> None:
    assert replace(refused).status_code == 204
    path = f"{ROOT}/evidence/{A}/{digest(INSTEAD)}"
    assert problem(refused.as_("clerk-a").delete(path)) == (409, "file-in-use")
    assert refused.as_("clerk-a").get(path).status_code == 200


def test_after_the_time_for_bytes_no_replacement_comes(refused: Round) -> None:
    row = refused.stage.db["completions"].find_one({}) or {}
    over = row["bytes_until"] + GRACE * 2
    assert refused.stage.run(commands.complete_overdue, row["_id"], at=over) is True
    assert {(file.sha256, file.reason, file.replaced_by) for file in completion(refused).missing} == {
        (digest(BAD), "wrong-type", None),
        (digest(SECOND), "absent", None),
    }
    assert begun(refused, sha256=digest(INSTEAD), replaces=digest(BAD)) == (409, "already-completed")


def test_an_upload_says_what_it_replaces(refused: Round) -> None:
    assert replace(refused).status_code == 204
    assert {row["sha256"]: row["replaces"] for row in uploads(refused)} == {
        digest(BAD): None,
        digest(INSTEAD): digest(BAD),
    }


def test_of_two_that_are_inspected_at_once_one_takes_the_place(refused: Round) -> None:
    refused.stage.worker_away = True
    for data in (INSTEAD, OTHER):
        replace(refused, data)
    assert {row["state"] for row in uploads(refused) if row["replaces"]} == {"inspecting"}
    refused.stage.run_jobs()
    rows = {row["state"]: row for row in uploads(refused) if row["replaces"]}
    assert rows.keys() == {"done", "refused"}
    assert rows["refused"]["refusal"]["code"] == "nothing-to-replace"
    assert [each["by"] for each in shown(refused)["replacements"]] == [rows["done"]["sha256"]]


def uploads(play: Round) -> list[Json]:
    rows: list[Json] = good(play.as_("clerk-a").get(f"{ROOT}/uploads/{A}"))["items"]
    return rows


def test_a_replacement_that_came_in_time_is_waited_for(refused: Round) -> None:
    assert refused.upload(SECOND, "laporan.pdf").status_code == 204
    refused.stage.worker_away = True
    replace(refused)
    row = refused.stage.db["completions"].find_one({}) or {}
    over = row["bytes_until"] + GRACE * 2
    assert refused.stage.run(commands.complete_overdue, row["_id"], at=over) is False
    refused.stage.run_jobs()
    assert [file.replaced_by for file in completion(refused).missing] == [digest(INSTEAD)]


def test_a_link_opens_the_replacement_under_the_name_under_which_it_came(refused: Round) -> None:
    assert replace(refused).status_code == 204
    (row,) = refused.stage.db["submissions"].find()
    sealed = refused.stage.store.query(store.require_submission, row["_id"])
    assert sealed_file(sealed, digest(INSTEAD)) == ("kota-a", "pengganti.pdf")
    assert sealed_file(sealed, digest(BAD)) == ("kota-a", "peraturan.pdf")
    with pytest.raises(NotFound):
        sealed_file(sealed, digest(OTHER))
