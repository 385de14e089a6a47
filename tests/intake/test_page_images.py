"""Pages of evidence as images, and text in it, by links: given to whom a link names, kept, bounded, written down."""

import io
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from services.intake.apart.process import Bounds
from services.intake.api import drawing
from services.intake.api.drawing import Seats
from services.intake.blobs import page_images
from services.intake.blobs.page_images import PageImages
from services.intake.domain import EvidenceRules
from services.intake.domain.page_images import WIDTHS, PageImage
from services.intake.rendering import process
from shared.core.errors import Locked, TryLater
from shared.core.ids import utcnow
from shared.service import Service
from shared.signing.links import Link
from tests.intake.apart import running
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import GOOD, digest
from tests.intake.linked import follow, seal
from tests.intake.pdfs import document, nested, text
from tests.intake.rounds import problem
from tests.intake.tus import Tus
from tests.support.stage import Stage
from tests.waiting import until

FILE = document(text("Peraturan Wali Kota"), text("Halaman dua"))
SHA256 = digest(FILE)
CHAIN = f"evidence:kota-a.{SHA256}"
HOSTILE = nested(9, 12)


def folder(on: Stage) -> Path:
    """Where drawn pages are kept."""
    assert on.settings.page_cache
    return on.settings.page_cache


def kept(on: Stage) -> list[Path]:
    return sorted(folder(on).iterdir(), key=lambda one: one.stat().st_mtime_ns) if folder(on).exists() else []


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    rmtree(folder(on), ignore_errors=True)
    on.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, TYPES))
    for name, agency in (("ani", "kota-a"), ("budi", "kota-b")):
        on.person(name, "clerk", agency)
        assert Tus(on.as_(name), f"2026.{agency}").send("a.pdf", FILE).status_code == 204
    on.person("asesor", "assessor")
    on.person("lain", "assessor")
    return on


@pytest.fixture
def link(intake: Stage) -> Link:
    return linked(intake, FILE)


def linked(intake: Stage, data: bytes, agency: str = "kota-a") -> Link:
    """A link to a file that an agency has sealed."""
    submission = f"s-{agency}-{digest(data)[:9]}"
    version = 1 + intake.db["submissions"].count_documents({})
    intake.run(seal, submission, agency, digest(data), version=version)
    until = utcnow() + timedelta(minutes=5)
    return Link(digest(data), submission, "asesor", intake.settings.oidc_issuer, until, "task-1", 7)


def sent(intake: Stage, name: str, data: bytes) -> Link:
    """A link to a file that arrives now."""
    assert Tus(intake.as_("ani")).send(name, data).status_code == 204
    return linked(intake, data)


def page(intake: Stage, link: Link, number: int = 1, **more: Any) -> TestResponse:
    return follow(intake, link, place="page", page=number, **more)


def lose_bytes(intake: Stage) -> None:
    """From now on only what was drawn already can be given."""
    intake.db["chunks"].delete_many({})


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_given_as_an_image_of_the_width_that_is_asked_for(
    intake: Stage, link: Link, width: int
) -> None:
    answer = page(intake, link, width=width)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.data)).width == width
    kind, age = answer.headers["Cache-Control"].split(", max-age=")
    assert (kind, int(age) <= 300, int(age) > 280) == ("private", True, True)
    assert {"Cookie", "Authorization"} <= set(answer.vary)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_an_image_may_be_kept_for_no_longer_than_its_link_opens(intake: Stage, link: Link) -> None:
    soon = replace(link, until=utcnow() + timedelta(seconds=20))
    assert int(page(intake, soon).headers["Cache-Control"].partition("=")[2]) <= 20


def test_who_has_an_image_already_gets_none(intake: Stage, link: Link) -> None:
    tag = page(intake, link).headers["ETag"]
    again = page(intake, link, known=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"].startswith("private, max-age=")
    assert page(intake, link, 2, known=tag).status_code == 200
    assert page(intake, link, known=tag, width=800).status_code == 200
    assert page(intake, link, name="lain", known=tag).status_code == 403


def test_every_look_is_written_down_once_for_each_opening(intake: Stage, link: Link) -> None:
    for number in (2, 1):
        page(intake, link, number)
    follow(intake, link, place="find", q="kota", start=2)
    rows = list(intake.db["audit"].find({"subject": CHAIN}).sort("seq", 1))
    assert [(row["actor"], row["action"], row["detail"]) for row in rows] == [
        ("p-asesor", "evidence.opened", {"how": "page", "part": "2"}),
        ("p-asesor", "evidence.opened", {"how": "find", "part": "2"}),
    ]


def test_what_was_drawn_is_not_drawn_again(intake: Stage, link: Link) -> None:
    first = page(intake, link)
    lose_bytes(intake)
    assert page(intake, link).data == first.data
    for other in (page(intake, link, 2), page(intake, link, width=800)):
        assert problem(other)[0] == 404


def test_what_was_drawn_for_one_agency_is_drawn_anew_for_another(intake: Stage, link: Link) -> None:
    """Else how soon a page comes would tell that somebody else handed in the same file."""
    others = linked(intake, FILE, "kota-b")
    assert page(intake, link).status_code == 200
    assert len(kept(intake)) == 1
    assert page(intake, others).status_code == 200
    assert len(kept(intake)) == 2
    kept(intake)[-1].unlink()
    lose_bytes(intake)
    assert page(intake, link).status_code == 200
    assert problem(page(intake, others))[0] == 404


def test_drawn_pages_are_readable_by_nobody_else_and_in_no_database(intake: Stage, link: Link) -> None:
    drawn = page(intake, link).data
    (place,) = kept(intake)
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (drawn, 0o600)
    assert folder(intake).stat().st_mode & 0o777 == 0o700
    assert [name for name in intake.db.list_collection_names() if "page" in name or "image" in name] == []


def test_drawn_pages_take_no_more_room_than_they_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "MOST_BYTES", 25)
    images, wanted = PageImages(tmp_path / "pages"), [PageImage("a", SHA256, n, 800) for n in range(4)]
    for number, one in enumerate(wanted):
        images.add(one, b"x" * 10)
        os.utime(
            max((tmp_path / "pages").iterdir(), key=lambda file: file.stat().st_mtime_ns), (number, number)
        )
    assert [images.find(one) for one in wanted] == [None, None, b"x" * 10, b"x" * 10]


def test_where_pages_cannot_be_kept_they_are_drawn_again(intake: Stage, link: Link, tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("no folder")
    for images in (PageImages(None), PageImages(tmp_path / "pages")):
        wanted = PageImage("a", SHA256, 1, 800)
        images.add(wanted, b"x")
        assert images.find(wanted) is None
    folder(intake).write_text("no folder")
    assert [page(intake, link).status_code for _ in range(2)] == [200, 200]
    folder(intake).unlink()


def test_what_could_not_be_written_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, wanted = PageImages(tmp_path), PageImage("a", SHA256, 1, 800)
    (tmp_path / "there").mkdir()
    images.add(wanted, b"x")
    (place,) = (one for one in tmp_path.iterdir() if one.is_file())
    place.unlink()
    place.mkdir()
    images.add(wanted, b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([place.name, "there"])


def test_a_page_that_is_not_there_is_said(intake: Stage, link: Link) -> None:
    refused = page(intake, link, 3)
    assert problem(refused) == (404, "no-such-page")
    assert refused.json is not None
    assert refused.json["pages"] == 2
    assert intake.audited(CHAIN) == []
    assert kept(intake) == []


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ("page", {}),
        ("page", {"page": 0}),
        ("page", {"page": "1.0"}),
        ("page", {"page": 1, "width": 1000}),
        ("page", {"page": 1, "width": 100_000}),
        ("find", {}),
        ("find", {"q": " "}),
        ("find", {"q": "a" * 101}),
        ("find", {"q": "a", "start": 0}),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_opened(
    intake: Stage, link: Link, place: str, query: dict[str, Any]
) -> None:
    assert problem(follow(intake, link, place=place, **query)) == (422, "invalid")
    assert intake.audited(CHAIN) == []


def test_files_of_other_kinds_are_to_be_downloaded(intake: Stage) -> None:
    office, picture = sent(intake, "nota.docx", GOOD["nota.docx"]), sent(intake, "foto.png", GOOD["foto.png"])
    refused = page(intake, office)
    assert problem(refused) == (422, "kind-not-drawn")
    assert refused.json is not None
    assert "Download the file" in refused.json["detail"]
    assert page(intake, picture).content_type in ("image/png", "image/webp")
    for each in (office, picture):
        assert problem(follow(intake, each, place="find", q="a")) == (422, "kind-not-searched")


def test_a_text_is_found_as_boxes_on_pages(intake: Stage, link: Link) -> None:
    answer = follow(intake, link, place="find", q="halaman DUA")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert {key: answer.json[key] for key in ("pages", "next", "has_text")} == {
        "pages": 2,
        "next": None,
        "has_text": True,
    }
    (hit,) = answer.json["hits"]
    assert hit["page"] == 2
    (box,) = hit["boxes"]
    assert all(0 < box[side] < 1 for side in ("left", "top", "width", "height"))
    assert (follow(intake, link, place="find", q="peraturan", start=2).json or {})["hits"] == []


def test_a_page_that_takes_for_ever_is_a_problem_and_others_are_drawn_meanwhile(
    intake: Stage, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = sent(intake, "b.pdf", HOSTILE)
    monkeypatch.setattr(process, "BOUNDS", Bounds(cpu=3, wall=60.0, result=process.BOUNDS.result))
    process.SPARE.end()
    answers: list[TestResponse] = []
    slow = threading.Thread(target=lambda: answers.append(page(intake, hostile)))
    slow.start()
    until(lambda: running(process.WHAT))
    mine = replace(link, subject="lain")
    assert page(intake, mine, name="lain").status_code == 200
    assert intake.as_(None).get("/intake/readyz").status_code == 200
    assert answers == []
    slow.join()
    assert problem(answers[0]) == (422, "page-too-large")
    process.SPARE.end()
    assert running(process.WHAT) == []
    assert page(intake, link).status_code == 200


def test_a_person_has_one_turn_at_a_time_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PATIENCE", 0.0)
    seats = Seats(16)
    with seats.acquire("ani"):
        with pytest.raises(Locked), seats.acquire("ani"):
            pass
        with seats.acquire("budi"), pytest.raises(TryLater), seats.acquire("cici"):
            pass
    with seats.acquire("cici"):
        pass


def test_who_waits_is_given_what_was_drawn_meanwhile(intake: Stage, link: Link) -> None:
    """Two windows of one person ask for the same page: it is drawn once."""
    answers: list[TestResponse] = []
    two = [threading.Thread(target=lambda: answers.append(page(intake, link))) for _ in range(2)]
    for one in two:
        one.start()
    for one in two:
        one.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(kept(intake)) == 1
