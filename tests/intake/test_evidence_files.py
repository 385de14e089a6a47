"""Files go out as attachments, in ranges, to those who own them or hold a link, and it is written down."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from services.intake.blobs.chunks import CHUNK
from services.intake.domain import EvidenceRules
from shared.core.ids import utcnow
from shared.events.review import TaskFinished, TaskReleased
from shared.service import Service
from shared.signing.cli import rotate
from shared.signing.links import Link
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import GOOD, PNG, digest, pdf
from tests.intake.linked import follow, seal
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Stage

FILE = pdf(size=2 * CHUNK + 1000)
SHA256 = digest(FILE)
URL = f"{ROOT}/evidence/2026.kota-a/{SHA256}"
CHAIN = f"evidence:kota-a.{SHA256}"


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    on.person("asesor", "assessor")
    on.person("lain", "assessor")
    assert Tus(on.as_("ani")).send("Laporan “akhir” 2026.pdf", FILE).status_code == 204
    return on


def ask(intake: Stage, **headers: str) -> TestResponse:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return intake.as_("ani").get(URL, headers=told)


def test_a_file_goes_out_as_an_attachment_under_a_safe_name(intake: Stage) -> None:
    answer = ask(intake)
    assert (answer.status_code, answer.data) == (200, FILE)
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["ETag"] == f'"{SHA256}"'
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Length"] == str(len(FILE))
    kind, plain, full = headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="Laporan akhir 2026.pdf"')
    assert unquote(full.removeprefix("filename*=UTF-8''")) == "Laporan “akhir” 2026.pdf"
    assert full.isascii()


def test_only_the_headers_can_be_asked_for(intake: Stage) -> None:
    answer = intake.as_("ani").head(URL)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(FILE))
    assert intake.audited(CHAIN) == []


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        (f"bytes={CHUNK - 1}-{CHUNK}", CHUNK - 1, CHUNK + 1),
        (f"bytes={CHUNK}-", CHUNK, len(FILE)),
        (f"bytes=5-{2 * CHUNK + 5}", 5, 2 * CHUNK + 6),
        ("bytes=-10", len(FILE) - 10, len(FILE)),
        (f"bytes=10-{10**9}", 10, len(FILE)),
        (f"bytes=-{len(FILE)}", 0, len(FILE)),
        (f"bytes=-{10**9}", 0, len(FILE)),
    ],
)
def test_one_range_is_given(intake: Stage, asked: str, start: int, stop: int) -> None:
    answer = ask(intake, Range=asked)
    assert (answer.status_code, answer.data) == (206, FILE[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FILE)}"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={len(FILE)}-", f"bytes={10**9}-{10**9 + 5}", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(intake: Stage, asked: str) -> None:
    answer = ask(intake, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(FILE)}")
    assert answer.content_type == "application/problem+json"
    assert intake.audited(CHAIN) == []


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "pages=1-2", "bytes=x", "bytes=5-2"])
def test_another_range_gives_the_whole_file(intake: Stage, asked: str) -> None:
    answer = ask(intake, Range=asked)
    assert (answer.status_code, answer.data) == (200, FILE)


def test_a_range_of_other_bytes_gives_the_whole_file(intake: Stage) -> None:
    assert ask(intake, Range="bytes=0-9", If_Range=f'"{SHA256}"').status_code == 206
    for other in (f'"{digest(PNG)}"', f'W/"{SHA256}"', "Sat, 29 Oct 2022 19:43:31 GMT"):
        assert ask(intake, Range="bytes=0-9", If_Range=other).data == FILE


def test_who_has_the_bytes_already_gets_none(intake: Stage) -> None:
    answer = ask(intake, If_None_Match=f'"{SHA256}"')
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", f'"{SHA256}"')
    assert ask(intake, If_None_Match=f'"{digest(PNG)}"').status_code == 200
    for known in (f'W/"{SHA256}"', f'"{digest(PNG)}", "{SHA256}"', "*"):
        assert ask(intake, If_None_Match=known).status_code == 304


def test_every_opening_is_written_down_in_the_files_own_chain(intake: Stage) -> None:
    ask(intake)
    intake.db["openings"].delete_many({})
    ask(intake, Range="bytes=0-9")
    ask(intake, Range="bytes=10-19")
    rows = list(intake.db["audit"].find({"subject": CHAIN}).sort("seq", 1))
    assert [(row["actor"], row["detail"]) for row in rows] == [
        ("p-ani", {"how": "own", "part": "all"}),
        ("p-ani", {"how": "own", "part": "0-10"}),
    ]


def test_own_files_are_listed_page_by_page(intake: Stage) -> None:
    tus = Tus(intake.as_("ani"))
    for name in ("foto.png", "rekaman.mp4", "nota.docx"):
        tus.send(name, GOOD[name])
    seen: list[dict[str, Any]] = []
    after = ""
    while len(seen) < 10:
        told = tus.who.get(f"{ROOT}/evidence/2026.kota-a?limit=3{after}").json
        assert told is not None
        seen += told["items"]
        if told["next"] is None:
            break
        after = f"&after={told['next']}"
    assert [file["sha256"] for file in seen] == sorted(file["sha256"] for file in seen)
    assert {(file["name"], file["type"], file["size"]) for file in seen} == {
        ("Laporan “akhir” 2026.pdf", "pdf", len(FILE)),
        ("foto.png", "png", len(GOOD["foto.png"])),
        ("rekaman.mp4", "mp4", len(GOOD["rekaman.mp4"])),
        ("nota.docx", "docx", len(GOOD["nota.docx"])),
    }
    assert {tuple(file["cycles"]) for file in seen} == {("2026",)}


def test_a_file_that_is_sent_again_keeps_its_name_and_time(intake: Stage) -> None:
    intake.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, TYPES), "2027")
    tus = Tus(intake.as_("ani"), "2027.kota-a")
    before = tus.who.get(f"{ROOT}/evidence/2026.kota-a").json
    assert before is not None
    assert tus.send("lain.pdf", FILE).status_code == 204
    after = tus.who.get(f"{ROOT}/evidence/2026.kota-a").json
    assert after == {"items": [before["items"][0] | {"cycles": ["2026", "2027"]}], "next": None}


# links that review has signed


@pytest.fixture
def link(intake: Stage) -> Link:
    intake.run(seal, "s-1", "kota-a", SHA256, digest(PNG))
    intake.run(seal, "s-2", "kota-b", SHA256)
    until = utcnow() + timedelta(minutes=5)
    return Link(SHA256, "s-1", "asesor", intake.settings.oidc_issuer, until, "task-1", 7)


PLACES: dict[str, dict[str, Any]] = {"evidence": {}, "page": {"page": 1}, "find": {"q": "a"}}
"""The routes that a link leads to, and what they are asked."""


def test_a_link_opens_the_file_for_the_person_whom_it_names(intake: Stage, link: Link) -> None:
    answer = follow(intake, link)
    assert (answer.status_code, answer.data) == (200, FILE)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    row = intake.db["audit"].find_one({"subject": CHAIN})
    assert row is not None
    assert (row["actor"], row["detail"]) == ("p-asesor", {"how": "linked", "part": "all"})


def test_a_link_signed_with_a_key_that_is_younger_than_this_process_opens_too(
    intake: Stage, link: Link, mint: Callable[[str], str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(intake.settings.keys, tmp_path / "keys"))
    running = Stage(intake.service, replace(intake.settings, keys=folder), mint, intake)
    assert follow(running, link).status_code == 200
    rotate(folder, "review", utcnow(), timedelta(0))
    assert follow(running, link).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_link_that_does_not_fit_opens_nothing_and_does_not_say_why(
    intake: Stage, link: Link, place: str
) -> None:
    told: dict[str, Any] = {"place": place, **PLACES[place]}
    asked = {"link": "abc", **PLACES[place]}
    answers = [
        follow(intake, link, "lain", **told),
        follow(intake, link, "ani", **told),
        follow(intake, replace(link, issuer="https://elsewhere.example"), **told),
        follow(intake, replace(link, until=utcnow() - timedelta(seconds=1)), **told),
        follow(intake, replace(link, submission="s-3"), **told),
        follow(intake, replace(link, submission="s-2"), **told),
        follow(intake, replace(link, sha256=digest(PNG)), **told),
        follow(intake, replace(link, sha256=digest(b"never sealed")), **told),
        follow(intake, replace(link, sha256="words"), **told),
        follow(intake, link, signer="intake", **told),
        intake.as_("asesor").get(f"{ROOT}/linked/{place}", query_string=asked),
    ]
    refusals = {
        (response.status_code, response.json["code"], response.json["detail"])
        for response in answers
        if response.json
    }
    assert len(refusals) == 1
    assert refusals.pop()[:2] == (403, "link-refused")
    assert intake.audited(CHAIN) == []


@pytest.mark.parametrize("place", PLACES)
def test_a_link_without_a_token_opens_nothing(intake: Stage, link: Link, place: str) -> None:
    assert follow(intake, link, None, place=place, **PLACES[place]).status_code == 401


def ended(event: type[TaskReleased] | type[TaskFinished], fence: int, task: str = "task-1") -> Any:
    more = {"reason": "conflict"} if event is TaskReleased else {}
    return event(task=task, case="s-1", agency="kota-a", stage="document", assessor="a", fence=fence, **more)


@pytest.mark.parametrize("event", [TaskReleased, TaskFinished])
@pytest.mark.parametrize("fence", [7, 8])
def test_a_link_whose_claim_is_over_opens_nothing(
    intake: Stage, link: Link, event: type[TaskReleased] | type[TaskFinished], fence: int
) -> None:
    assert follow(intake, link).status_code == 200
    assert intake.consume("case:s-1", ended(event, fence)) == "done"
    for place, query in PLACES.items():
        answer = follow(intake, link, place=place, **query)
        assert (answer.status_code, (answer.json or {})["code"]) == (403, "link-refused")
    assert intake.consume("case:s-1", ended(event, 3)) == "superseded"
    assert follow(intake, link).status_code == 403
    assert follow(intake, replace(link, fence=fence + 1)).status_code == 200


def test_the_end_of_an_earlier_claim_or_of_another_task_leaves_a_link_alone(
    intake: Stage, link: Link
) -> None:
    assert intake.consume("case:s-1", ended(TaskReleased, 6)) == "done"
    assert intake.consume("case:s-1", ended(TaskFinished, 9, "task-2")) == "done"
    assert follow(intake, link).status_code == 200


def test_a_link_opens_nothing_for_the_agencys_own_people(intake: Stage, link: Link) -> None:
    intake.person("asesor", "member", "kota-a")
    assert follow(intake, link).status_code == 403
    intake.person("asesor", "member", "kota-b")
    assert follow(intake, link).status_code == 200
