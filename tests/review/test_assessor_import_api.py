"""Assessors that a program sends as a table: shown row by row, then appointed exactly as shown, all or none."""

import io
from typing import Any

import pytest
from openpyxl import Workbook
from werkzeug.test import TestResponse

from shared.events.review import AssessorSet
from shared.web.imports import XLSX
from shared.web.tables import MOST_LINES
from tests.review.builders import API, Review
from tests.review.ministry import officer_of

URL = f"{API}/imports/assessors"
HEAD = "id,name,subject,since,employer,until\n"
LINE = "ani,Ani,ani,2026-01-01,,\n"


@pytest.fixture(autouse=True)
def ministry(review: Review) -> None:
    officer_of(review)
    review.stage.person("second", "ministry")


def send(review: Review, body: str | bytes, who: str = "officer", kind: str = "text/csv") -> TestResponse:
    answer: TestResponse = review.stage.as_(who).post(URL, data=body, content_type=kind)
    return answer


def preview(review: Review, body: str | bytes, kind: str = "text/csv") -> Any:
    answer = send(review, body, kind=kind)
    assert answer.status_code == 201, answer.text
    return answer.json


def rows(review: Review, made: Any, **query: Any) -> Any:
    return review.get("officer", f"/imports/assessors/{made['token']}/rows", **query).json["items"]


def apply(review: Review, made: Any, who: str = "officer") -> Any:
    return review.post(who, f"/imports/assessors/{made['token']}/apply")


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_what_was_shown_is_set_once(review: Review) -> None:
    review.appoint("budi", since="2026-01-01T00:00:00Z")
    review.appoint("citra", employer_agency="kota-b")
    made = preview(
        review,
        f"{HEAD}{LINE}budi,Budi,budi,2026-01-01T00:00:00Z,,\n"
        "citra,Citra Dewi,citra,2020-01-01T00:00:00Z,kota-a,2026-12-31\n",
    )
    assert made["counts"] == {"new": 1, "changed": 1, "unchanged": 1, "wrong": 0}
    new, same, changed = rows(review, made)
    assert (new["state"], new["line"], same["state"], same["changes"]) == ("new", 2, "unchanged", [])
    # The employer that it had becomes a conflict of interest; that is no cell of the file, and not told as one.
    assert changed["changes"] == [
        {"field": "name", "before": "Citra", "after": "Citra Dewi"},
        {"field": "employer", "before": "kota-b", "after": "kota-a"},
        {"field": "until", "before": None, "after": "2026-12-31T16:59:59.000Z"},
    ]
    assert review.get("officer", "/assessors/ani").status_code == 404
    for _ in range(2):
        assert apply(review, made).json == {"set": 2, "unchanged": 1}
    citra = review.get("officer", "/assessors/citra").json
    assert ([one["agency"] for one in citra["conflicts"]], citra["employer_agency"]) == (["kota-b"], "kota-a")
    assert [event.assessor for event in review.stage.published(AssessorSet)][2:] == ["ani", "citra"]
    looked = review.get("officer", f"/imports/assessors/{made['token']}").json
    assert looked["result"] == {"set": 2, "unchanged": 1}
    assert review.stage.audited("import:assessors.p-officer") == ["import.previewed", "import.applied"]


def test_a_wrong_row_keeps_everything_back_and_says_why(review: Review) -> None:
    review.appoint("budi")
    lines = [
        LINE,
        "Budi,,b,kemarin,Kota A,\n",
        LINE,
        "a,Ani,ani,2026-01-01,,\n",
        "b,Budi,budi,2026-01-01,,\n",
        "c,Citra,officer,2026-01-01,,\n",
        "d,Dewi,d,2026-01-01,kota-z,\n",
        "e,Eka,e,2026-01-01,,2025-01-01\n",
        "f,Fitri,f,2026-01-01,,,more\n",
    ]
    made = preview(review, HEAD + "".join(lines))
    found = {
        row["line"]: sorted((one["column"], one["code"]) for one in row["problems"])
        for row in rows(review, made, state="wrong")
    }
    assert found == {
        3: [("employer", "bad-cell"), ("id", "bad-cell"), ("name", "empty-cell"), ("since", "bad-cell")],
        4: [("", "row-twice")],
        5: [("subject", "person-twice")],
        6: [("", "already-exists")],
        7: [("", "own-roles")],
        8: [("", "unknown-agency")],
        9: [("", "bad-span")],
        10: [("", "too-many-cells")],
    }
    before = review.stage.state()
    assert problem(apply(review, made)) == (409, "import-faulty")
    assert review.stage.state() == before
    first = review.get("officer", f"/imports/assessors/{made['token']}/rows", state="wrong", limit=3).json
    assert [row["line"] for row in first["items"]] == [3, 4, 5]
    assert [row["line"] for row in rows(review, made, after=first["next"], limit=2)] == [6, 7]


def test_what_changed_after_it_was_shown_keeps_everything_back(review: Review) -> None:
    made = preview(review, HEAD + LINE)
    review.appoint("ani")
    refused = apply(review, made)
    assert (problem(refused), refused.json["changed"]) == ((409, "import-outdated"), ["ani"])
    assert review.get("officer", "/assessors/ani").json["since"] == "2020-01-01T00:00:00.000Z"


def test_a_preview_is_its_sender_s_and_gives_way_to_the_next(review: Review) -> None:
    first, second = preview(review, HEAD + LINE), preview(review, HEAD + LINE)
    assert problem(apply(review, first)) == (404, "import-gone")
    assert problem(apply(review, second, "second")) == (404, "import-gone")
    for path in ("", "/rows"):
        gone = review.get("second", f"/imports/assessors/{second['token']}{path}")
        assert problem(gone) == (404, "import-gone")
    assert apply(review, second).json == {"set": 1, "unchanged": 0}


def test_a_workbook_is_taken_too_and_anything_else_is_not(review: Review) -> None:
    book, held = Workbook(), io.BytesIO()
    for row in (["ID", "Name", "Subject", "Since"], ["ani", "Ani", "ani", "2026-01-01"]):
        book.worksheets[0].append(row)
    book.save(held)
    made = preview(review, held.getvalue(), XLSX)
    assert (made["counts"]["new"], made["sheet"]) == (1, "Sheet")
    before = review.stage.state()
    for body, kind, refusal in (
        (held.getvalue()[:-40], XLSX, (422, "bad-workbook")),
        (b"{}", "application/json", (415, "unsupported-media-type")),
        (b"id,name\n", "text/csv", (422, "bad-lines")),
        ((HEAD + LINE * (MOST_LINES + 1)).encode(), "text/csv", (422, "too-many-lines")),
    ):
        assert problem(send(review, body, kind=kind)) == refusal
    assert review.stage.state() == before
