"""Assessors from a file: shown row by row, then appointed exactly as shown, all or none."""

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from services.review.schemas.tables import ASSESSORS as LAYOUT
from shared.events.review import AssessorSet
from shared.web.tables import read_table
from tests.review.builders import Review, agency
from tests.review.ministry import ASSESSORS, Pages, officer_of

PLACE = "/review/imports/assessors"
HEAD = "id,name,subject,since,employer,until\n"
LINE = "ani,Ani,ani,2026-01-01,,\n"


@pytest.fixture
def officer(review: Review) -> Pages:
    return officer_of(review)


def upload(officer: Pages, body: str | bytes, name: str = "asesor.csv") -> TestResponse:
    file = io.BytesIO(body.encode() if isinstance(body, str) else body)
    return officer.send(PLACE, file=(file, name))


def shown(officer: Pages, body: str | bytes, query: str = "") -> tuple[str, str]:
    """Where the preview of a file lies, and what it says."""
    sent = upload(officer, body)
    assert sent.status_code == 303, sent.text
    return sent.location, officer.text(sent.location + query)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_was_shown_is_set_once_whatever_separates_the_cells(
    officer: Pages, review: Review, separator: str, mark: str
) -> None:
    review.appoint("budi", since="2026-01-01T00:00:00Z")
    review.appoint("citra", until="2030-01-01T00:00:00Z")
    text = (
        f"{HEAD}{LINE}budi,Budi,budi,2026-01-01T00:00:00Z,,\n"
        "citra,Citra Dewi,citra,2020-01-01T00:00:00Z,kota-a,2026-12-31\n,,,,,\n"
    )
    place, page = shown(officer, (mark + text.replace(",", separator)).encode(), "?show=all")
    for said in ("name: “Citra” → “Citra Dewi”", "employer: nothing → “kota-a”", "Save exactly this"):
        assert said in page
    assert "31 December 2026 at 23:59 WIB" in page
    assert review.get("officer", "/assessors/ani").status_code == 404
    for _ in range(2):
        done = officer.send(place)
        assert (done.status_code, done.location) == (303, f"{ASSESSORS}?set=2&unchanged=1")
    assert "2 saved, 1 as they were" in officer.text(done.location)
    assert [event.assessor for event in review.stage.published(AssessorSet)][2:] == ["ani", "citra"]
    changed = review.get("officer", "/assessors/citra").json
    assert (changed["employer_agency"], changed["until"]) == ("kota-a", "2026-12-31T16:59:59.000Z")
    assert "This file was taken" in officer.text(place)
    assert review.stage.audited("import:assessors.p-officer") == ["import.previewed", "import.applied"]


WRONG = {
    "Ani,Ani,a,2026-01-01,,": "id “Ani”: Write small letters",
    ",Ani,a,2026-01-01,,": "id is empty",
    "a,,a,2026-01-01,,": "name is empty",
    "a,Ani,,2026-01-01,,": "subject is empty",
    "a,Ani,a b,2026-01-01,,": "holds U+0020 SPACE",
    "a,Ani,a,kemarin,,": "since “kemarin”: Write a moment",
    "a,Ani,a,2026-01-01,Kota A,": "employer “Kota A”: Write the id of an agency",
    "a,Ani,a,2026-01-01,kota-z,": "No agency is called kota-z.",
    "a,Ani,a,2026-01-01,,2025-01-01": "must be later",
    "a,Ani,budi,2026-01-01,,": "are the assessor budi already",
    "a,Ani,officer,2026-01-01,,": "Nobody appoints themselves",
    "a,Ani,a,2026-01-01,,,more": "the row has more cells than there are columns",
    "ani,Ani,ani-2,2026-01-01,,": "the same as row 2",
    "a,Ani,ani,2026-01-01,,": "the same person as in row 2, which has another id",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_row_says_why_and_keeps_everything_back(officer: Pages, review: Review, line: str) -> None:
    review.appoint("budi")
    place, page = shown(officer, f"{HEAD}{LINE}{line}\n")
    assert WRONG[line] in page
    assert "Save exactly this" not in page
    assert "1 of 2 rows are wrong" in officer.refused(409, place)
    assert review.get("officer", "/assessors/ani").status_code == 404


def test_what_changed_after_it_was_shown_keeps_everything_back(officer: Pages, review: Review) -> None:
    place, _ = shown(officer, HEAD + LINE)
    review.appoint("ani")
    assert "Something changed after the preview" in officer.refused(409, place)
    assert review.get("officer", "/assessors/ani").json["since"] == "2020-01-01T00:00:00.000Z"


def test_a_preview_is_its_sender_s_and_gives_way_to_the_next(officer: Pages, review: Review) -> None:
    review.stage.person("second", "ministry")
    review.appoint("ani")
    first, _ = shown(officer, HEAD + LINE)
    second, page = shown(officer, f"{HEAD}ani,Ani,ani,2020-01-01T00:00:00Z,,\n")
    assert "Everything is so already" in page
    for place, who in ((first, "officer"), (second, "second")):
        assert Pages(review, who).get(place).status_code == 404
        assert Pages(review, who).send(place).status_code == 404
    assert Pages(review, "ani").get(PLACE).status_code == 403
    assert upload(Pages(review, "ani"), HEAD + LINE).status_code == 403


def workbook(*cells: list[Any]) -> bytes:
    book = Workbook()
    for row in cells:
        book.worksheets[0].append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_a_workbook_is_taken_too_and_columns_may_be_left_out(officer: Pages, review: Review) -> None:
    body = workbook(["ID", "Subject", "Name", "Since"], ["ani", "ani", "Ani", "2026-01-01"], [None], [None])
    place, page = shown(officer, body)
    assert "sheet “Sheet”" in page
    assert officer.send(place).status_code == 303
    assert review.get("officer", "/assessors/ani").json["name"] == "Ani"
    assert upload(officer, body[:-40]).status_code == 422


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Choose a file with rows."),
        (b"id,name\n", "The first line must name the columns"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\xff\xfe\x00", "not CSV"),
    ],
)
def test_what_is_no_list_is_refused(officer: Pages, body: bytes, said: str) -> None:
    answer = upload(officer, body)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert officer.send(PLACE).status_code == 422


def test_a_list_without_rows_sets_nothing(officer: Pages) -> None:
    _, page = shown(officer, HEAD)
    assert "The file has no row below its first one." in page


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_may_be_sent_as_it_is(officer: Pages, review: Review, ending: str) -> None:
    review.stage.consume("agency:kota-contoh", agency("kota-contoh"))
    answer = officer.get(f"{PLACE}/template.{ending}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="assessors.{ending}"'
    (line,) = read_table(answer.data, LAYOUT).lines
    assert line.cells["id"] == "ani-s"
    place, _ = shown(officer, answer.data)
    assert officer.send(place).status_code == 303
    assert review.get("officer", "/assessors/ani-s").json["employer_agency"] == "kota-contoh"
    assert officer.get(f"{PLACE}/template.pdf").status_code == 404
    if ending == "xlsx":
        assert load_workbook(io.BytesIO(answer.data)).sheetnames == ["List", "Columns"]


def test_many_rows_come_page_by_page(officer: Pages) -> None:
    lines = "".join(f"a-{number:03},A,a-{number:03},2026-01-01,,\n" for number in range(150))
    place, page = shown(officer, HEAD + lines)
    assert (page.count("<code>a-"), "after=101" in page) == (100, True)
    assert officer.text(f"{place}?show=all&after=101").count("<code>a-") == 50
