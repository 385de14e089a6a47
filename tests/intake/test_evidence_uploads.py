"""Files come in by tus: begun, sent in parts, checked, finished, ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from random import Random

import pytest
from werkzeug.test import TestResponse

from services.intake import commands, store
from services.intake.blobs.chunks import CHUNK
from services.intake.domain import EvidenceRules
from services.intake.domain.inspection import Examined, Inspection
from shared.jobs import queue
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import DOCX, GOOD, PNG, archive, digest, pdf
from tests.intake.tus import BYTES, ROOT, TUS, Tus, checksum, metadata
from tests.support.stage import Stage

RULES = EvidenceRules(8 * MIB, 20 * MIB, TYPES)
FILE = pdf(size=2 * CHUNK + 1000)
TWO_PAGES = pdf(pages=2) + b"xy"
TWO_THINGS = pdf() + archive({"a": b"b"})


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, RULES)
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"))


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type.startswith("application/problem+json"), answer.text
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def kept(intake: Stage, data: bytes) -> bytes:
    answer = intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a/{digest(data)}")
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def test_what_is_spoken_here_can_be_asked_without_a_token(intake: Stage, tus: Tus) -> None:
    for place in (tus.url, f"{tus.url}/any"):
        answer = intake.as_(None).options(place)
        assert (answer.status_code, answer.data) == (204, b"")
        said = {name: answer.headers[name] for name in dict(answer.headers) if name.startswith("Tus-")}
        assert said == {
            "Tus-Resumable": "1.0.0",
            "Tus-Version": "1.0.0",
            "Tus-Extension": "creation,checksum,expiration,termination",
            "Tus-Checksum-Algorithm": "sha256,sha1",
        }


def test_a_file_sent_in_parts_is_kept_byte_for_byte(intake: Stage, tus: Tus) -> None:
    place = tus.place("Laporan akhir.pdf", len(FILE), sha256=digest(FILE))
    cuts = [0, 1, 1000, CHUNK, CHUNK + 1, 2 * CHUNK + 7, len(FILE)]
    for start, stop in pairwise(cuts):
        assert tus.offset(place) == start
        answer = tus.patch(place, start, FILE[start:stop])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(stop)), answer.text
    assert tus.offset(place) == len(FILE)
    assert kept(intake, FILE) == FILE
    actions = ["upload.begun", "upload.arrived", "upload.finished", "file.arrived"]
    assert intake.audited("participation:2026.kota-a") == actions


@pytest.mark.parametrize("seed", range(4))
def test_any_parts_in_any_order_of_luck_make_the_same_file(intake: Stage, tus: Tus, seed: int) -> None:
    luck, place, offset = Random(seed), tus.place("a.pdf", len(FILE)), 0
    while offset < len(FILE):
        part = FILE[offset : offset + luck.choice([1, 500, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])]
        match luck.randrange(3):
            case 0:
                assert tus.patch(place, offset, part).status_code == 204
                offset += len(part)
            case 1:
                wrong = luck.randbytes(len(part))
                assert tus.patch(place, offset, wrong, Upload_Checksum=checksum(part)).status_code == 460
            case _:
                assert tus.patch(place, offset + 1, part[1:]).status_code == 409
    assert kept(intake, FILE) == FILE


def test_a_part_larger_than_other_bodies_may_be_is_taken(intake: Stage, tus: Tus) -> None:
    data = pdf(size=intake.settings.body_limit + 2 * MIB)
    assert tus.send("besar.pdf", data).status_code == 204
    assert kept(intake, data) == data


@pytest.mark.parametrize("name", GOOD)
def test_every_allowed_kind_is_kept(intake: Stage, tus: Tus, name: str) -> None:
    answer = tus.send(name, GOOD[name])
    assert answer.status_code == 204, answer.text
    assert kept(intake, GOOD[name]) == GOOD[name]


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_part_with_a_right_checksum_counts(tus: Tus, algorithm: str) -> None:
    place = tus.place("a.pdf", len(FILE))
    answer = tus.patch(place, 0, FILE[:100], Upload_Checksum=checksum(FILE[:100], algorithm))
    assert answer.status_code == 204
    assert tus.offset(place) == 100


def test_a_part_with_a_wrong_checksum_counts_for_nothing(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    tus.patch(place, 0, FILE[:100])
    answer = tus.patch(place, 100, b"?" * (CHUNK + 50), Upload_Checksum=checksum(FILE))
    assert problem(answer) == (460, "checksum-mismatch")
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert tus.offset(place) == 100
    tus.patch(place, 100, FILE[100:200])
    assert tus.patch(place, 200, FILE[200:], Upload_Checksum=checksum(FILE[200:])).status_code == 204
    assert kept(intake, FILE) == FILE


@pytest.mark.parametrize("given", ["md5 AAAA", "sha256", "sha256 ???", "sha256 AAAA", "", "sha1  "])
def test_a_checksum_that_cannot_be_read_is_refused(tus: Tus, given: str) -> None:
    place = tus.place("a.pdf", len(FILE))
    assert problem(tus.patch(place, 0, FILE[:9], Upload_Checksum=given)) == (400, "bad-checksum")
    assert tus.offset(place) == 0


@pytest.mark.parametrize("version", [{}, {"Tus-Resumable": "0.2.2"}])
def test_another_version_of_tus_is_refused(intake: Stage, tus: Tus, version: dict[str, str]) -> None:
    place = tus.place("a.pdf", 10)
    before, who = intake.state(), intake.as_("ani")
    told = {"Upload-Length": "10", "Upload-Metadata": metadata(filename="b.pdf")}
    answers = [
        who.post(tus.url, headers={**version, **told}),
        who.patch(place, headers={**BYTES, "Tus-Resumable": "", **version, "Upload-Offset": "0"}, data=b"x"),
        who.delete(place, headers=version),
        who.head(place, headers=version),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert intake.state() == before


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload-Metadata": metadata(filename="a.pdf")}, (400, "bad-number")),
        ({"Upload-Length": "-1"}, (400, "bad-number")),
        ({"Upload-Length": "1e3"}, (400, "bad-number")),
        ({"Upload-Length": "٣"}, (400, "bad-number")),
        ({"Upload-Length": "0", "Upload-Metadata": metadata(filename="a.pdf")}, (422, "empty-file")),
        ({"Upload-Defer-Length": "1"}, (400, "length-needed")),
        ({"Upload-Length": "9"}, (400, "bad-metadata")),
        ({"Upload-Length": "9", "Upload-Metadata": "filename"}, (422, "bad-file-name")),
        ({"Upload-Length": "9", "Upload-Metadata": "filename a.pdf"}, (400, "bad-metadata")),
        ({"Upload-Length": "9", "Upload-Metadata": "filename /w=="}, (400, "bad-metadata")),
        ({"Upload-Length": "9", "Upload-Metadata": "filename YQ==,filename YQ=="}, (400, "bad-metadata")),
        ({"Upload-Length": "9", "Upload-Metadata": "filename " + "YQ==" * 2000}, (400, "bad-metadata")),
        (
            {"Upload-Length": "9", "Upload-Metadata": metadata(filename="a.pdf", sha256="x")},
            (400, "bad-metadata"),
        ),
        ({"Upload-Length": "9", "Upload-Metadata": metadata(filename="a/b.pdf")}, (422, "bad-file-name")),
        (
            {"Upload-Length": "9", "Upload-Metadata": metadata(filename="a\u202efdp.exe")},
            (422, "bad-file-name"),
        ),
        ({"Upload-Length": "9", "Upload-Metadata": metadata(filename=".pdf")}, (422, "bad-file-name")),
        ({"Upload-Length": "9", "Upload-Metadata": metadata(filename="\u2800.pdf")}, (422, "bad-file-name")),
        (
            {"Upload-Length": "9", "Upload-Metadata": metadata(filename="x" * 252 + ".pdf")},
            (422, "bad-file-name"),
        ),
        ({"Upload-Length": "9", "Upload-Metadata": metadata(filename="a.exe")}, (422, "type-not-allowed")),
        ({"Upload-Length": "9", "Upload-Metadata": metadata(filename="pdf")}, (422, "type-not-allowed")),
        (
            {"Upload-Length": str(8 * MIB + 1), "Upload-Metadata": metadata(filename="a.pdf")},
            (413, "file-too-large"),
        ),
    ],
)
def test_a_promise_that_cannot_be_kept_changes_nothing(
    intake: Stage, tus: Tus, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    before = intake.state()
    assert problem(tus.who.post(tus.url, headers={**TUS, **headers})) == expected
    assert intake.state() == before


def test_bytes_with_the_promise_are_refused(intake: Stage, tus: Tus) -> None:
    told = {**TUS, "Upload-Length": "3", "Upload-Metadata": metadata(filename="a.pdf")}
    assert problem(tus.who.post(tus.url, headers=told, data=b"abc")) == (400, "body-not-taken")


def test_bytes_at_another_offset_are_refused(tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    tus.patch(place, 0, FILE[:10])
    for offset, data in ((0, b"x"), (9, b"x"), (11, b"x"), (11, FILE)):
        answer = tus.patch(place, offset, data)
        assert problem(answer) == (409, "offset-differs")
        assert answer.json is not None
        assert answer.json["offset"] == 10
    assert problem(tus.patch(place, -1, b"x")) == (400, "bad-number")
    assert tus.offset(place) == 10


def test_more_bytes_than_promised_are_refused(tus: Tus) -> None:
    place = tus.place("a.pdf", 10)
    assert problem(tus.patch(place, 0, b"x" * 11)) == (413, "too-many-bytes")
    assert tus.patch(place, 0, b"x" * 5).status_code == 204
    assert problem(tus.patch(place, 5, b"x" * 6)) == (413, "too-many-bytes")
    assert tus.offset(place) == 5


def test_bytes_of_another_media_type_are_refused(tus: Tus) -> None:
    place = tus.place("a.pdf", 10)
    assert problem(tus.patch(place, 0, b"x", Content_Type="application/json")) == (
        415,
        "unsupported-media-type",
    )


def test_a_finished_upload_takes_no_more_and_stays(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.png", len(PNG))
    tus.patch(place, 0, PNG)
    assert problem(tus.patch(place, len(PNG), b"")) == (409, "upload-complete")
    assert kept(intake, PNG) == PNG


def test_an_ended_upload_is_over(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    tus.patch(place, 0, FILE[:100])
    assert tus.who.delete(place, headers=TUS).status_code == 204
    assert tus.who.head(place, headers=TUS).status_code == 410
    assert problem(tus.patch(place, 100, FILE[100:])) == (410, "upload-over")
    assert problem(tus.who.delete(place, headers=TUS)) == (410, "upload-over")
    assert intake.audited("participation:2026.kota-a") == ["upload.begun", "upload.ended"]


def test_an_upload_says_until_when_it_waits(tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    answer = tus.patch(place, 0, FILE[:100])
    until = parsedate_to_datetime(answer.headers["Upload-Expires"])
    assert timedelta(days=2) < until - datetime.now(UTC) < timedelta(days=4)


def test_bytes_that_are_not_the_promised_file_are_not_kept(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE), sha256=digest(b"another"))
    assert problem(tus.patch(place, 0, FILE)) == (422, "sha256-differs")
    assert problem(tus.patch(place, 0, FILE)) == (422, "sha256-differs")
    assert "file_ownerships" not in intake.state()
    assert intake.audited("participation:2026.kota-a") == ["upload.begun", "upload.refused"]


def test_a_file_that_is_not_what_its_name_says_is_refused_by_what_it_is(intake: Stage, tus: Tus) -> None:
    answer = tus.send("nota.pdf", PNG)
    assert problem(answer) == (422, "wrong-type")
    assert answer.json is not None
    assert "a PNG image" in answer.json["detail"]
    assert not {"file_ownerships", "blobs"} & set(intake.state())


def test_a_file_that_is_two_things_at_once_is_refused_with_its_defect(intake: Stage, tus: Tus) -> None:
    place = tus.place("nota.pdf", len(TWO_THINGS))
    assert tus.patch(place, 0, TWO_THINGS).status_code == 204
    state = tus.who.get(place).json
    assert state is not None
    assert (state["state"], state["refusal"]) == (
        "refused",
        {
            "code": "file-ambiguous",
            "detail": "'nota.pdf' was refused: by its content it is a PDF, and it is two things at once "
            "(a PDF and a zip archive): send each as a file of its own.",
        },
    )
    assert tus.who.head(place, headers=TUS).status_code == 422
    assert not {"file_ownerships", "blobs"} & set(intake.state())


def test_what_has_come_is_inspected_by_the_worker(intake: Stage, tus: Tus) -> None:
    intake.worker_away = True
    place = tus.place("nota.pdf", len(TWO_PAGES))
    assert tus.patch(place, 0, TWO_PAGES).status_code == 204
    assert tus.offset(place) == len(TWO_PAGES)
    assert shown(tus, place) == ("inspecting", None, None, [])
    assert problem(tus.patch(place, len(TWO_PAGES), b"")) == (409, "upload-complete")
    assert tus.who.delete(place, headers=TUS).status_code == 204
    assert tus.who.get(f"{ROOT}/evidence/2026.kota-a").json["items"] == []  # type: ignore[index]
    assert intake.run_jobs() == 1
    assert shown(tus, place) == ("ended", "pdf", 2, ["trailing-bytes"])
    (file,) = tus.who.get(f"{ROOT}/evidence/2026.kota-a").json["items"]  # type: ignore[index]
    found = {"code": "trailing-bytes", "detail": "After its end follows what does not belong to it: 2 bytes."}
    assert (file["pages"], file["findings"]) == (2, [found])


def shown(tus: Tus, place: str) -> tuple[object, ...]:
    """How an upload is, by its own place and in the list."""
    state = tus.who.get(place).json
    assert state is not None
    assert state in tus.who.get(tus.url).json["items"]  # type: ignore[index]
    return state["state"], state["type"], state["pages"], [each["code"] for each in state["findings"]]


def test_an_inspection_that_an_operator_gives_up_refuses_the_file(intake: Stage, tus: Tus) -> None:
    intake.worker_away = True
    place = tus.place("nota.pdf", len(FILE))
    tus.patch(place, 0, FILE)
    job = f"inspection:{place.rpartition('/')[2]}"
    intake.run(queue.drop, job, intake.jobs, "membuat pemeriksa macet")
    state = tus.who.get(place).json
    assert state is not None
    assert state["refusal"]["code"] == "file-unreadable"
    assert "(membuat pemeriksa macet)" in state["refusal"]["detail"]


def test_what_is_not_to_be_inspected_any_more_is_left(intake: Stage, tus: Tus) -> None:
    intake.worker_away = True
    place = tus.place("nota.pdf", len(FILE))
    tus.patch(place, 0, FILE)
    examined = Examined(Inspection("pdf", "a PDF"), 0.0, scanned=False)
    intake.run(commands.finish_upload, place.rpartition("/")[2], examined)
    intake.run(commands.finish_upload, place.rpartition("/")[2], examined)
    assert intake.run_jobs() == 1
    assert intake.audited("participation:2026.kota-a").count("upload.finished") == 1


def test_how_uploads_are_is_the_agency_s_own_business(intake: Stage, tus: Tus) -> None:
    place = tus.place("nota.pdf", len(FILE))
    intake.person("budi", "clerk", "kota-b")
    assert problem(intake.as_("budi").get(place)) == (404, "not-found")
    assert problem(intake.as_("budi").get(tus.url)) == (404, "not-found")


def test_a_refused_file_is_known_by_its_hash_and_reason(intake: Stage, tus: Tus) -> None:
    tus.send("nota.pdf", DOCX)
    hashes = [digest(DOCX), digest(FILE)]
    assert intake.store.query(store.list_refusal_codes, "2026.kota-a", hashes) == {digest(DOCX): "wrong-type"}
    assert intake.store.query(store.list_refusal_codes, "2026.kota-b", hashes) == {}


def test_only_types_of_the_cycle_are_taken(intake: Stage, tus: Tus) -> None:
    intake.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, frozenset({"pdf"})), "2027")
    other = Tus(tus.who, "2027.kota-a")
    assert problem(other.begin("a.png", 10)) == (422, "type-not-allowed")
    assert other.begin("a.pdf", 10).status_code == 201
    answer = other.send("a.pdf", PNG)
    assert problem(answer) == (422, "wrong-type")
    assert answer.json is not None
    assert answer.json["detail"].endswith("Allowed: pdf.")


def test_the_doors_are_described(intake: Stage) -> None:
    told = intake.as_(None).get(f"{ROOT}/openapi.json").json
    assert told is not None
    paths = told["paths"]
    path = paths[f"{ROOT}/uploads/{{participation}}/{{id}}"]
    assert set(path) - {"parameters"} == {"options", "head", "get", "patch", "delete"}
    names = {header["name"] for header in path["patch"]["parameters"]}
    assert names == {"Tus-Resumable", "Upload-Offset", "Upload-Checksum"}
    assert paths[f"{ROOT}/linked/evidence"]["get"]["x-audience"] == ["anyone"]
