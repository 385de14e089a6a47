"""Agencies from a file: shown row by row, then set exactly as shown, all or none."""

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from services.intake.schemas.tables import AGENCIES
from shared.events.intake import AgencySet
from shared.web.tables import read_table
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import Round, agency, good, problem
from tests.intake.tus import ROOT

URL = f"{ROOT}/imports/agencies"
PLACE = "/intake/imports/agencies"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = "id,name,group,since,until\n"
SINCE = "2001-01-01T00:00:00Z"
LINE = f"kota-a,Kota A,Kota,{SINCE},\n"


def send(play: Round, text: str | bytes, who: str = "minister", kind: str = "text/csv") -> TestResponse:
    answer: TestResponse = play.as_(who).post(URL, data=text, content_type=kind)
    return answer


def preview(play: Round, text: str | bytes, kind: str = "text/csv") -> Any:
    return good(send(play, text, kind=kind), 201)


def rows(play: Round, made: Any, query: str = "") -> Any:
    return play.get("minister", f"/imports/agencies/{made['token']}/rows{query}")["items"]


def apply(play: Round, made: Any, who: str = "minister") -> TestResponse:
    answer: TestResponse = play.as_(who).post(f"{URL}/{made['token']}/apply")
    return answer


def counts(**states: int) -> dict[str, int]:
    return {"new": 0, "changed": 0, "unchanged": 0, "wrong": 0, **states}


def test_what_was_shown_is_set_once(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency(zone="Asia/Makassar"), status=201)
    play.put("minister", "/agencies/kota-b", agency("Kota B"), status=201)
    made = preview(
        play, f"{HEAD}{LINE}kota-b,Kota B Baru,Kota,2001-01-01,2030-01-01\nkota-c,Kota C,Kota,2026-01-01,\n"
    )
    assert made["counts"] == counts(new=1, changed=1, unchanged=1)
    assert play.get("minister", "/agencies/kota-b")["rev"] == 1
    same, changed, new = rows(play, made)
    assert (same["state"], same["changes"], new["state"], new["line"]) == ("unchanged", [], "new", 4)
    assert changed["changes"] == [
        {"field": "name", "before": "Kota B", "after": "Kota B Baru"},
        {"field": "since", "before": "2001-01-01T00:00:00.000Z", "after": "2000-12-31T17:00:00.000Z"},
        {"field": "until", "before": None, "after": "2029-12-31T17:00:00.000Z"},
    ]
    for _ in range(2):
        assert good(apply(play, made)) == {"set": 2, "unchanged": 1}
    assert play.get("minister", "/agencies/kota-a")["zone"] == "Asia/Makassar"
    assert [event.agency for event in play.stage.published(AgencySet)][2:] == ["kota-b", "kota-c"]
    assert play.get("minister", f"/imports/agencies/{made['token']}")["result"] == {"set": 2, "unchanged": 1}
    assert play.stage.audited("import:agencies.p-minister") == ["import.previewed", "import.applied"]


def test_a_wrong_row_keeps_everything_back_and_says_why(play: Round) -> None:
    lines = [
        LINE,
        "Kota-B,,Desa,kemarin,\n",
        LINE,
        f"ministry,M,Kota,{SINCE},\n",
        f"kota-d,D,Kota,{SINCE},{SINCE}\n",
        f"kota-e,E,Kota,{SINCE},,more\n",
    ]
    made = preview(play, HEAD + "".join(lines))
    assert made["counts"] == counts(new=1, wrong=5)
    found = [
        (row["line"], sorted((one["column"], one["code"]) for one in row["problems"]))
        for row in rows(play, made)
    ]
    assert found == [
        (2, []),
        (3, [("group", "bad-cell"), ("id", "bad-cell"), ("name", "empty-cell"), ("since", "bad-cell")]),
        (4, [("", "row-twice")]),
        (5, [("", "reserved-id")]),
        (6, [("", "bad-span")]),
        (7, [("", "too-many-cells")]),
    ]
    before = play.stage.state()
    assert problem(apply(play, made)) == (409, "import-faulty")
    assert play.stage.state() == before
    assert [row["line"] for row in rows(play, made, "?state=wrong&limit=2")] == [3, 4]


@pytest.mark.parametrize("name", ["kota-a", "kota-b", "kota-c"])
def test_what_changed_after_it_was_shown_keeps_everything_back(play: Round, name: str) -> None:
    for known in ("kota-a", "kota-b"):
        play.put("minister", f"/agencies/{known}", agency(known), status=201)
    made = preview(
        play, f"{HEAD}kota-a,kota-a,Kota,{SINCE},\nkota-b,B,Kota,{SINCE},\nkota-c,C,Kota,{SINCE},\n"
    )
    play.put(
        "minister",
        f"/agencies/{name}",
        agency("Lain"),
        0 if name == "kota-c" else 1,
        201 if name == "kota-c" else 200,
    )
    before = play.stage.state()
    refused = apply(play, made)
    assert problem(refused) == (409, "import-outdated")
    assert refused.json is not None
    assert refused.json["changed"] == [name]
    assert play.stage.state() == before


def test_a_preview_is_its_sender_s_and_gives_way_to_the_next(play: Round) -> None:
    play.stage.person("minister-2", "ministry")
    first, second = preview(play, HEAD + LINE), preview(play, HEAD + LINE)
    assert problem(apply(play, first)) == (404, "import-gone")
    assert problem(apply(play, second, "minister-2")) == (404, "import-gone")
    assert problem(play.as_("minister").get(f"{URL}/{first['token']}/rows")) == (404, "import-gone")
    assert good(apply(play, second)) == {"set": 1, "unchanged": 0}
    assert problem(send(play, "{}", kind="application/json"))[0] == 415


def workbook(*cells: list[Any]) -> bytes:
    book = Workbook()
    for row in cells:
        book.worksheets[0].append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_a_workbook_is_taken_too(play: Round) -> None:
    body = workbook(["ID", "Name", "Group", "Since", "Until"], ["kota-a", "Kota A", "Kota", "2026-01-01"])
    made = preview(play, body, XLSX)
    assert (made["counts"], made["sheet"]) == (counts(new=1), "Sheet")
    assert problem(send(play, body[:-40], kind=XLSX)) == (422, "bad-workbook")


def test_agencies_are_found_by_words_and_group(play: Round) -> None:
    for id, name, group in (("kota-a", "Kota Satu", "Kota"), ("kab-a", "Kabupaten Satu", "Kabupaten")):
        play.put("minister", f"/agencies/{id}", agency(name, group=group), status=201)

    def found(query: str) -> list[str]:
        return [one["id"] for one in play.get("stranger", f"/agencies{query}")["items"]]

    assert found("?q=satu") == ["kab-a", "kota-a"]
    assert found("?q=satu+kota-a") == found("?group=Kota") == ["kota-a"]
    assert found("?q=satu&group=Provinsi") == found("?q=.*") == []


@pytest.fixture
def officer(play: Round) -> Forms:
    """An officer's browser."""
    return Forms(play, "minister")


def upload(officer: Forms, body: bytes, name: str = "instansi.csv") -> TestResponse:
    return officer.client.post(
        f"{PLACE}?csrf_token={officer.csrf}", data={"file": (io.BytesIO(body), name)}, headers=PAGE
    )


def click(officer: Forms, place: str, **fields: str) -> TestResponse:
    return officer.client.post(place, data={"csrf_token": officer.csrf, **fields}, headers=PAGE)


def look(officer: Forms, place: str, status: int = 200) -> str:
    answer = officer.client.get(place, headers=PAGE)
    assert answer.status_code == status
    return answer.text


def test_a_page_shows_a_file_and_sets_it(officer: Forms, play: Round) -> None:
    sent = upload(officer, (HEAD + LINE + "kota-b,B,Kotaa,kemarin,\n,,,,\n").encode())
    assert sent.status_code == 303
    text = look(officer, sent.location)
    assert "maksudnya “Kota”?" in text
    assert "since “kemarin”: Tulis waktu" in text
    assert "Simpan persis seperti ini" not in text
    assert "kota-a" in look(officer, f"{sent.location}?show=new")
    refused = click(officer, sent.location)
    assert (refused.status_code, "Masih ada baris yang salah" in refused.text) == (409, True)
    sent = upload(officer, (HEAD + LINE).encode())
    assert "Simpan persis seperti ini" in look(officer, sent.location)
    done = click(officer, sent.location)
    assert (done.status_code, done.location) == (303, "/intake/agencies?set=1&unchanged=0")
    assert "1 disimpan, 0 tetap" in look(officer, done.location)
    assert "Berkas ini sudah disimpan" in look(officer, sent.location)
    assert "tidak ada yang perlu disimpan" in look(officer, upload(officer, (HEAD + LINE).encode()).location)
    assert "Nama Baru" in look(
        officer, upload(officer, (HEAD + LINE.replace("Kota A", "Nama Baru")).encode()).location
    )
    look(officer, sent.location, 404)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Pilih berkas yang berisi baris"),
        (b"%PDF-1.7", "simpan sebagai .xlsx atau CSV UTF-8"),
        (b"id,name\n", "(kolom yang tidak ada: group, since, until)"),
    ],
)
def test_a_page_says_what_is_wrong_with_a_file(officer: Forms, body: bytes, said: str) -> None:
    refused = upload(officer, body)
    assert refused.status_code == 422
    assert said in refused.text
    assert click(officer, f"{PLACE}?csrf_token={officer.csrf}").status_code == 422


def test_a_long_preview_is_read_page_by_page(officer: Forms) -> None:
    many = HEAD + "".join(f"kota-{n:03},Kota,Kota,2026-01-01,\n" for n in range(150))
    place = upload(officer, many.encode()).location
    assert "kota-099" in look(officer, place)
    assert "kota-100" not in look(officer, place)
    assert "kota-149" in look(officer, f"{place}?show=all&after=101")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_may_be_sent_as_it_is(officer: Forms, ending: str) -> None:
    answer = officer.client.get(f"{PLACE}/template.{ending}", headers=PAGE)
    assert f'filename="agencies.{ending}"' in answer.headers["Content-Disposition"]
    (line,) = read_table(answer.data, AGENCIES).lines
    assert line.cells["id"] == "kota-contoh"
    assert "1 disimpan" in look(officer, click(officer, upload(officer, answer.data).location).location)
    assert officer.client.get(f"{PLACE}/template.exe", headers=PAGE).status_code == 404
    if ending == "xlsx":
        assert load_workbook(io.BytesIO(answer.data)).sheetnames == ["Daftar", "Kolom"]


def test_an_agency_is_made_and_changed_by_a_form(officer: Forms, play: Round) -> None:
    fields = {
        "id": "kota-a",
        "name": "Kota A",
        "group": "Kota",
        "since": "2026-01-01T00:00",
        "zone": "",
        "until": "",
    }
    wrong = click(officer, "/intake/new-agency", **{**fields, "id": "Kota A", "name": "", "since": "kemarin"})
    assert (wrong.status_code, wrong.text.count("govuk-error-message")) == (422, 3)
    assert click(officer, "/intake/new-agency", **{**fields, "id": "ministry"}).status_code == 422
    made = click(officer, "/intake/new-agency", **fields)
    assert (made.status_code, made.location) == (303, "/intake/agencies/kota-a?saved")
    assert "Tersimpan" in look(officer, made.location)
    again = click(officer, "/intake/new-agency", **{**fields, "name": "Lain"})
    assert again.status_code == 409
    form = look(officer, "/intake/agencies/kota-a/change")
    assert 'value="2026-01-01T00:00"' in form
    change = {**fields, "name": "Kota A Baru", "zone": "Asia/Makassar", "until": "2030-01-01 08.00 WITA"}
    assert click(officer, "/intake/agencies/kota-a/change", rev="1", **change).status_code == 303
    assert play.get("minister", "/agencies/kota-a")["until"] == "2030-01-01T00:00:00.000Z"
    stale = click(officer, "/intake/agencies/kota-a/change", rev="1", **{**change, "name": "Ketiga"})
    assert (stale.status_code, 'name="rev" value="2"' in stale.text) == (409, True)
    assert "Kota A Baru" in stale.text
    assert (
        click(officer, "/intake/agencies/kota-a/change", rev="2", **{**change, "name": "Ketiga"}).status_code
        == 303
    )
    assert "Ketiga" in look(officer, "/intake/agencies?q=ketiga&group=Kota")
    assert "Tidak ada instansi" in look(officer, "/intake/agencies?q=tidakada")
    assert "WITA" in look(officer, "/intake/agencies/kota-a")
