"""Tables as spreadsheets write them: workbooks and CSV say the same, and hostile ones are refused in words."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart

from shared.core.errors import Invalid
from shared.web.tables import Column, Layout, read_table, write_csv, write_workbook
from shared.web.tables.workbooks import MOST_PARTS, MOST_UNPACKED

LAYOUT = Layout(("id", "name"), ("since",))
Cells = dict[str, str]


def workbook(*rows: list[Any], change: Callable[[Workbook], object] = lambda _: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    change(book)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def cells(body: bytes) -> list[Cells]:
    return [dict(line.cells) for line in read_table(body, LAYOUT).lines]


def refused(body: bytes) -> tuple[str, str]:
    with pytest.raises(Invalid) as why:
        read_table(body, LAYOUT)
    return why.value.cause_code, why.value.detail


def repacked(body: bytes, **parts: bytes) -> bytes:
    """The workbook with parts of other contents, named by the ends of their names."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = name.rpartition("/")[2].removesuffix(".xml")
            new.writestr(name, parts.get(key, old.read(name)))
    return held.getvalue()


HEAD = ["id", "name", "since"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Kota A", "Kota A"),
        ("  Kota A ", "Kota A"),
        (7, "7"),
        (7.0, "7"),
        (7.25, "7.25"),
        (True, "true"),
        (False, "false"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime.fromisoformat("2026-01-31T00:00"), "2026-01-31"),
        (datetime.fromisoformat("2026-01-31T23:59"), "2026-01-31T23:59:00"),
        ("x" * 5000, "x" * 2000),
    ],
)
def test_a_cell_says_what_it_shows(cell: Any, text: str) -> None:
    assert cells(workbook(HEAD, ["a", cell])) == [{"id": "a", "name": text, "since": ""}]


def test_rows_are_numbered_as_the_spreadsheet_shows_them_and_empty_ones_are_passed_over() -> None:
    body = workbook([None], [" ID ", "Name", None], [], ["a", "A"], ["", " "], [None, None, None], ["b", "B"])
    table = read_table(body, LAYOUT)
    assert [(line.number, line.cells["id"]) for line in table.lines] == [(4, "a"), (7, "b")]
    assert table.sheet == "Sheet"


def test_the_first_sheet_with_something_in_it_is_read() -> None:
    def change(book: Workbook) -> None:
        book.create_sheet("Empty", 0)
        book.create_chartsheet("Chart", 0).add_chart(BarChart())
        book.create_sheet("Later")["A1"] = "other"

    table = read_table(workbook(HEAD, ["a", "A"], change=change), LAYOUT)
    assert (table.sheet, [line.cells["id"] for line in table.lines]) == ("Sheet", ["a"])


def test_a_formula_is_its_value_and_one_without_a_value_is_told() -> None:
    body = workbook(HEAD, ["a", "=1+1"], ["b", "B", '="2026"'])
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")
    calculated = sheet.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
        b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
    )
    assert calculated != sheet
    lines = read_table(repacked(body, sheet1=calculated), LAYOUT).lines
    assert [(line.cells["name"], dict(line.odd)) for line in lines] == [
        ("2", {}),
        ("B", {"since": "formula-without-value"}),
    ]


def test_an_error_of_the_spreadsheet_and_too_many_cells_are_told() -> None:
    lines = read_table(workbook(HEAD, ["a", "#REF!"], ["b", "B", "", "more"]), LAYOUT).lines
    assert [dict(line.odd) for line in lines] == [{"name": "cell-error"}, {"": "too-many-cells"}]


SIMPLE = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)


@settings(max_examples=25)
@given(st.lists(st.tuples(SIMPLE, SIMPLE), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_a_workbook_and_csv_say_the_same(rows: list[tuple[str, str]], separator: str) -> None:
    expected = [{"id": id, "name": name, "since": ""} for id, name in rows]
    lines = [separator.join(row) for row in (("id", "name"), *rows)]
    assert cells("\r\n".join(lines).encode("utf-8-sig")) == expected
    # A workbook escapes what looks like its own escapes, such as _x0041_; letters and digits alone are none.
    assert cells(workbook(["id", "name"], *map(list, rows))) == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-file"),
        (b" \n", "empty-file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not-a-table"),
        (b"%PDF-1.7", "not-a-table"),
        (b"\xff\xd8\xff", "not-csv"),
        (b"PK\x03\x04", "bad-workbook"),
        (workbook(HEAD)[:-50], "bad-workbook"),
        (repacked(workbook(HEAD), sheet1=b"<worksheet"), "bad-workbook"),
        (repacked(workbook(HEAD), workbook=b"<workbook"), "bad-workbook"),
        (repacked(workbook(HEAD), workbook=b"<workbook/>"), "bad-lines"),
        (workbook(), "bad-lines"),
        (workbook(["id"]), "bad-lines"),
        (workbook(["id", "name", "notes"]), "bad-lines"),
        (workbook(["id", "name"], *([str(n), "A"] for n in range(2001))), "too-many-lines"),
    ],
)
def test_what_is_no_such_table_is_named(body: bytes, code: str) -> None:
    found, detail = refused(body)
    assert (found, len(detail) > 20) == (code, True)


def test_a_wrong_first_row_names_its_columns() -> None:
    with pytest.raises(Invalid) as why:
        read_table(workbook(["ID", "Catatan"]), LAYOUT)
    assert (why.value.extra["missing"], why.value.extra["unknown"]) == (["name"], ["Catatan"])
    assert "id,name and may name since" in why.value.detail


def zipped(*parts: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return held.getvalue()


def locked(body: bytes) -> bytes:
    """The archive with the mark of a password on every part."""
    return body.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData>'
    b"</worksheet>"
)
FAR = b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>'
NAMES = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row>'
DEEP = b"<a>" * 100_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (repacked(workbook(HEAD), sheet1=b" " * (MOST_UNPACKED + 1)), "workbook-too-large"),
        (zipped(*((f"p{n}.xml", b"") for n in range(MOST_PARTS + 1))), "workbook-too-large"),
        (locked(workbook(HEAD)), "bad-workbook"),
        (repacked(workbook(HEAD), sheet1=SHEET % DEEP), "bad-workbook"),
        (repacked(workbook(HEAD), sheet1=SHEET % (b'<row r="x"/>')), "bad-workbook"),
    ],
)
def test_a_hostile_workbook_is_refused_soon(body: bytes, code: str) -> None:
    assert len(body) < 2_000_000
    began = time.process_time()
    found, detail = refused(body)
    assert (found, len(detail) > 20) == (code, True)
    assert time.process_time() - began < 10


def test_a_part_gives_no_more_than_its_header_says() -> None:
    body = repacked(workbook(HEAD, ["a", "A"]), sheet1=SHEET % (b" " * 1_000_000))
    short = body.replace((len(SHEET) - 2 + 1_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert short != body
    assert refused(short)[0] == "bad-workbook"


def test_a_cell_at_the_end_of_the_sheet_is_one_too_many() -> None:
    body = repacked(workbook(HEAD), sheet1=SHEET % (NAMES + FAR % (1048576, 1048576)))
    (line,) = read_table(body, LAYOUT).lines
    assert (line.number, dict(line.odd)) == (1048576, {"": "too-many-cells"})


def test_a_sheet_formatted_down_to_its_end_is_read() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(2, 60_000))
    assert cells(repacked(workbook(HEAD), sheet1=SHEET % (NAMES + rows))) == []


def test_links_to_elsewhere_are_not_followed() -> None:
    body = workbook(HEAD, ["a", "='[http://127.0.0.1:9/x.xlsx]S'!A1"])
    (line,) = read_table(body, LAYOUT).lines
    assert dict(line.odd) == {"name": "formula-without-value"}


COLUMNS = [
    Column("id", "Its id.", "kota-contoh"),
    Column("name", "Its name.", "Kota Contoh", ("Kota Contoh", "Kota, lain")),
    Column("since", "Since when.", "2026-01-01"),
]


def test_a_template_is_read_as_what_it_shows() -> None:
    expected = [{"id": "kota-contoh", "name": "Kota Contoh", "since": "2026-01-01"}]
    book = write_workbook(COLUMNS, "Daftar", "Kolom")
    assert cells(book) == cells(write_csv(COLUMNS)) == expected
    assert load_workbook(io.BytesIO(book)).sheetnames == ["Daftar", "Kolom"]
