"""Indices of other ministries: made known by form, file and program, all or none, and corrected with a reason."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.events.intake import ExternalIndexSet
from tests.instrument.builders import WITH_TEXTS, changed
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import Round, agency, good, problem
from tests.intake.tus import ROOT

GIVEN = (
    'weight: "69.5", scale: line,',
    """weight: "69.5", scale: line, source: {
         name: {id: Indeks Data, en: Data index}, gives: value, key: data, owner: Bappenas,
         range: {at_least: 0, at_most: 100}, until_it_comes: 1,
         conversion: [{index: 0, value: "1.00"}, {index: 50, value: 2}, {index: 100, value: "3.00"}]},""",
)
GATED = (
    "weight: 40/2,",
    """weight: 40/2, source: {
         name: {id: Indeks Sandi, en: Cipher index}, gives: gate, key: cipher,
         range: {at_least: 0, at_most: 5}, gates: [{level: 2, at_least: 1.5}, {level: 3, at_least: 4}]},""",
)
EDITION = changed(WITH_TEXTS, GIVEN, GATED)
IMPORTS, PLACE = "/imports/external-indices", "/intake/external-indices"
HEAD = "agency,source,year,index,provenance,reason\n"
LETTER = "Surat B-12/2025"
ID = "kota-a.data.2025"


@pytest.fixture
def known(play: Round) -> Round:
    """An edition with an index, and two agencies."""
    play.load_edition(EDITION)
    for name in ("kota-a", "kota-b"):
        play.put("minister", f"/agencies/{name}", agency(name), status=201)
    return play


def put(play: Round, index: str = "68.75", rev: int | None = None, **changes: Any) -> TestResponse:
    where = {"agency": "kota-a", "source": "data", "year": "2025"}
    where |= {name: changes.pop(name) for name in tuple(where) if name in changes}
    body = {"index": index, "provenance": LETTER, **changes}
    return play.put_raw("minister", "/external-indices/{agency}/{source}/{year}".format(**where), body, rev)


def send(play: Round, text: str) -> Any:
    answer = play.as_("minister").post(f"{ROOT}{IMPORTS}", data=text, content_type="text/csv")
    return good(answer, 201)


def rows(play: Round, made: Any) -> Any:
    return play.get("minister", f"{IMPORTS}/{made['token']}/rows")["items"]


def apply(play: Round, made: Any) -> TestResponse:
    answer: TestResponse = play.as_("minister").post(f"{ROOT}{IMPORTS}/{made['token']}/apply")
    return answer


def test_an_index_is_made_known_once_and_told_to_others(known: Round) -> None:
    made = good(put(known, "68,75"), 201)
    assert made | {"set_at": None} == {
        "id": ID,
        "agency": "kota-a",
        "source": "data",
        "year": 2025,
        "index": "68.75",
        "provenance": LETTER,
        "reason": "",
        "set_at": None,
        "rev": 1,
    }
    assert good(put(known), 201) == made
    assert good(put(known, "68.750"), 201) == made
    assert known.get("minister", f"/external-indices/{ID}") == made
    (event,) = known.stage.published(ExternalIndexSet)
    assert (event.agency, event.source, event.year, event.index) == ("kota-a", "data", 2025, "68.75")
    assert (event.provenance, event.version) == (LETTER, 1)
    assert known.stage.audited(f"external_index:{ID}") == ["external_index.set"]


def test_a_correction_needs_a_reason_and_keeps_what_was_before(known: Round) -> None:
    good(put(known), 201)
    assert problem(put(known, "70", rev=1)) == (422, "index-known")
    assert problem(put(known, "70", reason="Salah ketik"))[0] == 428
    assert problem(put(known, "70", rev=7, reason="Salah ketik")) == (409, "stale")
    assert good(put(known, "70", rev=1, reason="Salah ketik"))["rev"] == 2
    versions = known.get("minister", f"/external-indices/{ID}/versions")["items"]
    assert [(one["id"], one["index"], one["reason"], one["rev"]) for one in versions] == [
        (ID, "70", "Salah ketik", 2),
        (ID, "68.75", "", 1),
    ]
    first = known.get("minister", f"/external-indices/{ID}/versions?limit=1")
    more = known.get("minister", f"/external-indices/{ID}/versions?after={first['next']}")
    assert [one["rev"] for one in (*first["items"], *more["items"])] == [2, 1]
    assert [event.version for event in known.stage.published(ExternalIndexSet)] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agency": "kota-z"}, "unknown-agency"),
        ({"agency": "Kota Z"}, "bad-id"),
        ({"source": "rumor"}, "unknown-source"),
        ({"index": "100.1"}, "index-not-allowed"),
        ({"year": "2199"}, "bad-year"),
        ({"year": "1989"}, "bad-year"),
        ({"year": "x"}, "bad-year"),
        ({"index": "1/2"}, "invalid"),
        ({"index": "1.1234567"}, "invalid"),
        ({"index": "1e2"}, "invalid"),
        ({"index": "-1"}, "invalid"),
        ({"index": 7}, "invalid"),
        ({"provenance": ""}, "invalid"),
    ],
)
def test_what_cannot_be_an_index_is_refused(known: Round, changes: dict[str, Any], code: str) -> None:
    before = known.stage.state()
    assert problem(put(known, **changes))[1] == code
    assert known.stage.state() == before


def test_without_an_edition_there_is_no_index_to_make_known(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    assert problem(put(play)) == (422, "unknown-source")


def test_a_file_sets_all_that_was_shown_once(known: Round) -> None:
    good(put(known), 201)
    text = f'{HEAD}kota-a,data,2025,70,{LETTER},Salah ketik\nkota-b,data,2025,"12,5",{LETTER},\n'
    made = send(known, text + f"kota-b,data,2024,0,{LETTER},\n")
    assert made["counts"] == {"new": 2, "changed": 1, "unchanged": 0, "wrong": 0}
    assert [change["field"] for change in rows(known, made)[0]["changes"]] == ["index", "reason"]
    for _ in range(2):
        assert good(apply(known, made)) == {"set": 3, "unchanged": 0}
    shown = known.get("minister", "/external-indices")["items"]
    assert [(one["id"], one["index"], one["rev"]) for one in shown] == [
        (ID, "70", 2),
        ("kota-b.data.2024", "0", 1),
        ("kota-b.data.2025", "12.5", 1),
    ]
    assert send(known, text)["counts"] == {"new": 0, "changed": 0, "unchanged": 2, "wrong": 0}
    only = known.get("minister", "/external-indices?agency=kota-b&source=data&limit=1")
    assert [one["year"] for one in only["items"]] == [2024]
    more = known.get("minister", f"/external-indices?agency=kota-b&after={only['next']}")
    assert [one["year"] for one in more["items"]] == [2025]


def test_one_wrong_row_keeps_all_back(known: Round) -> None:
    good(put(known), 201)
    lines = [
        f"kota-a,data,2025,70,{LETTER},",
        f"kota-z,data,2025,70,{LETTER},",
        f"kota-b,data,tahun,x,{LETTER},",
        f"kota-b,data,2025,70,{LETTER},",
    ]
    made = send(known, HEAD + "\n".join(lines))
    assert made["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 3}
    found = [sorted((one["column"], one["code"]) for one in row["problems"]) for row in rows(known, made)]
    assert found == [
        [("", "index-known")],
        [("", "unknown-agency")],
        [("index", "bad-cell"), ("year", "bad-cell")],
        [],
    ]
    assert problem(apply(known, made)) == (409, "import-faulty")
    assert len(known.get("minister", "/external-indices")["items"]) == 1


def test_what_changed_after_the_preview_is_not_written_over(known: Round) -> None:
    made = send(known, f"{HEAD}kota-a,data,2025,70,{LETTER},\n")
    good(put(known), 201)
    assert problem(apply(known, made)) == (409, "import-outdated")


# pages


@pytest.fixture
def officer(known: Round) -> Forms:
    return Forms(known, "minister")


def look(officer: Forms, place: str, status: int = 200) -> str:
    answer = officer.client.get(place, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


def fill(officer: Forms, place: str, **fields: str) -> TestResponse:
    return officer.client.post(place, data={"csrf_token": officer.csrf, **fields}, headers=PAGE)


def test_an_officer_makes_an_index_known_and_corrects_it_on_pages(officer: Forms, known: Round) -> None:
    assert "Belum ada indeks" in look(officer, PLACE)
    new = "/intake/new-external-index"
    assert "Indeks Data" in look(officer, new)
    said = {"agency": "kota-a", "source": "data", "year": "2025", "index": "68,75", "provenance": LETTER}
    empty = fill(officer, new)
    assert (empty.status_code, "Pilih instansi" in empty.text) == (422, True)
    made = fill(officer, new, **said)
    assert (made.status_code, made.headers["Location"]) == (303, f"{PLACE}/{ID}?saved")
    assert fill(officer, new, **said | {"index": "70"}).status_code == 422
    shown = look(officer, f"{PLACE}/{ID}?saved")
    assert LETTER in shown
    assert "Nilai sejauh ini" not in shown
    change = f"{PLACE}/{ID}/change"
    assert 'name="rev" value="1"' in look(officer, change)
    corrected = {"index": "70", "provenance": LETTER, "reason": "Salah ketik"}
    assert fill(officer, change, **corrected, rev="7").status_code == 409
    assert fill(officer, change, **corrected, rev="1").status_code == 303
    assert all(
        text in look(officer, f"{PLACE}/{ID}") for text in ("Salah ketik", "Nilai sejauh ini", "68,75")
    )
    assert "kota-a" in look(officer, f"{PLACE}?agency=kota-a&source=data")
    assert "Tidak ada indeks yang ditemukan" in look(officer, f"{PLACE}?agency=kota-b")
    look(officer, f"{PLACE}/kota-b.data.2025", 404)


def test_a_list_goes_on_where_it_ended(officer: Forms, known: Round) -> None:
    lines = [f"kota-a,data,{year},7,{LETTER},\n" for year in range(1990, 2025)]
    lines += [f"kota-b,data,{year},7,{LETTER},\n" for year in range(1990, 2025)]
    good(apply(known, send(known, HEAD + "".join(lines))))
    first = look(officer, PLACE)
    assert "after=kota-b.data.2004" in first
    assert "kota-b.data.2005" in look(officer, f"{PLACE}?after=kota-b.data.2004")


def test_the_page_of_an_import_names_the_columns_and_what_is_wrong(officer: Forms, known: Round) -> None:
    place = "/intake/imports/external-indices"
    assert "provenance" in look(officer, place)
    assert "agency,source,year,index,provenance,reason" in look(officer, f"{place}/template.csv")
    made = send(known, f"{HEAD}kota-a,dato,2025,x,{LETTER},\n")
    shown = look(officer, f"{place}/{made['token']}")
    assert "angka" in shown
