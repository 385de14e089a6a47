"""A file that comes by a plain form: taken whole or not at all, whatever the form looks like."""

import pytest
from werkzeug.test import TestResponse

from services.intake.domain import MOST_FILES
from tests.intake.files import digest
from tests.intake.rounds import FILE, A, Round, answer, exhibit

PLACE = f"/intake/self-assessments/{A}/indicators/1/files"
HEAD = '--edge\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\nContent-Type: x/y\r\n\r\n'
END = b"\r\n--edge--\r\n"


def send(play: Round, body: bytes, kind: str = "multipart/form-data; boundary=edge") -> TestResponse:
    sent: TestResponse = play.as_("clerk-a").post(
        PLACE, data=body, content_type=kind, headers={"Accept": "text/html"}
    )
    return sent


def form(data: bytes = FILE, name: str = "peraturan.pdf", before: bytes = b"", end: bytes = END) -> bytes:
    return before + HEAD.format(name).encode() + data + end


def named(play: Round) -> list[str]:
    answer = play.stage.db["answers"].find_one({"_id": f"{A}.1"}) or {"evidence": []}
    return [each["sha256"] for each in answer["evidence"]]


@pytest.mark.parametrize(
    "before",
    [b"", b'--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nCatatan\r\n', b"\r\n"],
)
def test_a_file_is_taken_and_named_also_where_nothing_else_is_answered(
    open_round: Round, before: bytes
) -> None:
    answered = send(open_round, form(before=before))
    assert (answered.status_code, answered.location) == (303, f"{PLACE.removesuffix('/files')}#evidence")
    assert named(open_round) == [digest(FILE)]
    assert open_round.stage.db["file_ownerships"].count_documents({}) == 0
    open_round.stage.run_jobs()
    assert open_round.stage.db["file_ownerships"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(data=b""), 422),
        (form(name=""), 422),
        (form(end=b""), 413),
        (form(end=b'\r\n--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\ny' + END), 400),
        (form(data=FILE[:500] + b"\r\n--edge--\r\n" + FILE[500:]), 400),
        (b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\ny' + END, 400),
        (b"--edge\r\nContent-Type: a/b\r\n\r\ny" + END, 400),
        (b"no form at all", 400),
        (form(data=b"not a PDF"), 422),
        (form(name="x" * 300 + ".pdf"), 422),
    ],
)
def test_what_is_no_whole_file_is_refused_and_holds_no_room(
    open_round: Round, body: bytes, status: int
) -> None:
    assert send(open_round, body).status_code == status
    assert named(open_round) == []
    assert open_round.stage.db["uploads"].count_documents({"state": "open"}) == 0


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/pdf", ""])
def test_what_is_no_form_is_refused(open_round: Round, kind: str) -> None:
    assert send(open_round, form(), kind).status_code == 415
    assert open_round.stage.db["uploads"].count_documents({}) == 0


def test_another_agencys_people_send_nothing(open_round: Round) -> None:
    answered = open_round.as_("clerk-b").post(
        PLACE, data=form(), content_type="multipart/form-data; boundary=edge"
    )
    assert answered.status_code == 404
    assert open_round.stage.db["uploads"].count_documents({}) == 0


def test_a_file_too_many_is_said_at_the_indicator(open_round: Round) -> None:
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(), 0)
    files = [exhibit(str(number).encode(), "berkas.pdf") for number in range(MOST_FILES)]
    open_round.stage.db["answers"].update_one({"_id": f"{A}.2"}, {"$set": {"evidence": files}})
    sent = send(open_round, form())
    assert sent.status_code == 422
    assert "Terlalu banyak berkas disebut" in sent.text
    assert named(open_round) == []


def test_a_file_is_taken_away_by_its_form(open_round: Round) -> None:
    send(open_round, form())
    answered = open_round.as_("clerk-a").post(f"{PLACE}/{digest(FILE)}/remove")
    assert answered.status_code == 303
    assert named(open_round) == []
