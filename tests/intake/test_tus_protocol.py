"""What other people's tus clients say and expect, beyond what the plainest upload needs."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from services.intake.domain import EvidenceRules
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import PNG, digest, pdf
from tests.intake.tus import BYTES, ROOT, TUS, Tus, metadata
from tests.support.stage import Stage

FILE = pdf(size=4000)
UPPY = (
    "relativePath bnVsbA==,name YS5wZGY=,type YXBwbGljYXRpb24vcGRm,"
    "filetype YXBwbGljYXRpb24vcGRm,filename YS5wZGY="
)
NAMED = metadata(filename="a.pdf")


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(MIB, 20 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"))


def begun(tus: Tus, said: str) -> TestResponse:
    return tus.who.post(tus.url, headers={**TUS, "Upload-Length": "4000", "Upload-Metadata": said})


def name_of_the_kept(intake: Stage, tus: Tus, place: str) -> str:
    assert tus.patch(place, 0, FILE).status_code == 204
    answer = intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a").json
    assert answer is not None
    return str(answer["items"][0]["name"])


def encoded(value: str) -> str:
    return b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    "said",
    [
        UPPY,
        f"name {encoded('a.pdf')}",
        f"name {encoded('other.pdf')},{NAMED}",
        f"{NAMED},is_confidential",
        f"{NAMED},owner ???",
        f"{NAMED}, caption {encoded('dua baris')}",
        f"{NAMED},",
        f"{metadata(sha256=digest(FILE).upper())},{NAMED}",
        f"{NAMED},name {encoded('n' * 3000)}",
    ],
)
def test_what_a_client_tells_beyond_what_is_asked_is_passed_over_and_given_back(
    intake: Stage, tus: Tus, said: str
) -> None:
    answer = begun(tus, said)
    assert answer.status_code == 201, answer.text
    place = answer.headers["Location"]
    assert tus.who.head(place, headers=TUS).headers["Upload-Metadata"] == said
    assert name_of_the_kept(intake, tus, place) == "a.pdf"


@pytest.mark.parametrize(
    "said", [f"caption {encoded('a.pdf')}", f"{NAMED},{NAMED}", f"{NAMED},x,x", f"{NAMED},x {'YWFh' * 2000}"]
)
def test_metadata_without_a_name_or_with_a_key_twice_is_refused(intake: Stage, tus: Tus, said: str) -> None:
    before = intake.state()
    answer = begun(tus, said)
    assert (answer.status_code, answer.json and answer.json["code"]) == (400, "bad-metadata")
    assert intake.state() == before


@pytest.mark.parametrize("concat", ["partial", "final;/intake/api/v1/uploads/2026.kota-a/x", ""])
def test_a_file_made_of_several_uploads_is_refused(intake: Stage, tus: Tus, concat: str) -> None:
    before = intake.state()
    told = {**TUS, "Upload-Length": "9", "Upload-Metadata": NAMED, "Upload-Concat": concat}
    answer = tus.who.post(tus.url, headers=told)
    assert (answer.status_code, answer.json and answer.json["code"]) == (400, "no-concatenation")
    assert intake.state() == before


def overridden(tus: Tus, method: str, place: str, data: bytes = b"", **more: str) -> TestResponse:
    told = {name.replace("_", "-"): value for name, value in more.items()}
    return tus.who.post(place, headers={**TUS, "X-HTTP-Method-Override": method, **told}, data=data)


def test_a_method_that_a_firewall_lets_not_pass_can_be_named_in_a_header(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    bytes_of = {"Content_Type": BYTES["Content-Type"], "Upload_Offset": "0"}
    answer = overridden(tus, "PATCH", place, FILE[:1000], **bytes_of)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "1000"), answer.text
    answer = overridden(tus, "head", place)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, "1000")
    assert overridden(tus, "OPTIONS", place).headers["Tus-Version"] == "1.0.0"
    assert overridden(tus, "DELETE", place).status_code == 204
    assert tus.who.head(place, headers=TUS).status_code == 410


def test_a_named_method_is_subject_to_the_same_rules(intake: Stage, tus: Tus) -> None:
    place, before = tus.place("a.pdf", len(FILE)), intake.state()
    assert overridden(tus, "GET", place).status_code == 405
    assert overridden(tus, "NONSENSE", place).status_code == 405
    assert overridden(Tus(intake.as_(None)), "DELETE", place).status_code == 401
    evidence = intake.as_("ani").get(
        f"{ROOT}/evidence/2026.kota-a", headers={"X-HTTP-Method-Override": "DELETE"}
    )
    assert evidence.status_code == 200
    assert intake.state() == before


def test_every_answer_names_the_version(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    answers = {
        201: begun(tus, NAMED),
        204: tus.patch(place, 0, FILE),
        400: begun(tus, ""),
        401: intake.as_(None).head(place, headers=TUS),
        404: tus.who.get(f"{tus.url}/a/b/c", headers=TUS),
        405: tus.who.put(place, headers=TUS),
        409: tus.patch(place, len(FILE), b""),
        412: tus.who.head(place),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {n: n for n in answers}
    assert {status: answer.headers.getlist("Tus-Resumable") for status, answer in answers.items()} == {
        status: ["1.0.0"] for status in answers
    }


def test_ending_a_finished_upload_is_no_error_and_keeps_the_file(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.png", len(PNG))
    tus.patch(place, 0, PNG)
    assert tus.who.delete(place, headers=TUS).status_code == 204
    assert tus.who.head(place, headers=TUS).status_code == 410
    assert tus.who.delete(place, headers=TUS).status_code == 410
    answer = intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a/{digest(PNG)}")
    assert (answer.status_code, answer.data) == (200, PNG)


def test_an_upload_that_is_ended_while_it_is_inspected_is_over_and_its_file_is_kept(
    intake: Stage, tus: Tus
) -> None:
    intake.worker_away = True
    place = tus.place("a.png", len(PNG))
    tus.patch(place, 0, PNG)
    assert tus.who.head(place, headers=TUS).status_code == 200
    for _ in range(2):
        assert tus.who.delete(place, headers=TUS).status_code in (204, 410)
        assert tus.who.head(place, headers=TUS).status_code == 410
    intake.run_jobs()
    assert tus.who.head(place, headers=TUS).status_code == 410
    assert intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a/{digest(PNG)}").data == PNG


def test_ending_a_refused_upload_is_no_error_and_leaves_the_reason(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", 4)
    assert tus.patch(place, 0, b"nope").status_code == 422
    before = intake.state()
    assert tus.who.delete(place, headers=TUS).status_code == 204
    assert tus.patch(place, 0, b"nope").status_code == 422
    assert intake.state() == before


@pytest.mark.parametrize("data", [b"x", b"%", b"\0", b"xy"])
def test_the_smallest_files_say_why_they_are_refused(intake: Stage, tus: Tus, data: bytes) -> None:
    place = tus.place("a.pdf", len(data))
    answer = tus.patch(place, 0, data)
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "wrong-type")
    assert answer.json is not None
    assert "'a.pdf' was refused: by its content it is" in answer.json["detail"]
