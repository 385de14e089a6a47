"""Agencies from what spreadsheets write, whatever country they are set to; and a sentence for what is none of it."""

from dataclasses import replace

import pytest

from services.intake.domain import Agency
from services.intake.schemas import agency_rows
from shared.core.errors import Invalid
from tests.support.stage import LONG_AGO

SINCE = "2026-01-01T00:00:00Z"
HEAD = "id,name,group,since,until\n"
LINE = f"kota-a,Kota A,Kota,{SINCE},\n"
PLAIN = HEAD + LINE
EXPECTED = [("kota-a", "Kota A", "Kota")]


def read(body: str | bytes) -> list[tuple[str, str, str]]:
    return [
        (found.id, found.name, found.group)
        for found in agency_rows(body.encode() if isinstance(body, str) else body)
    ]


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.rstrip("\n"),
        "sep=,\n" + PLAIN,
        "sep=;\r\n" + PLAIN.replace(",", ";"),
        "SEP=\t\n" + PLAIN.replace(",", "\t"),
        '"sep=|"\n' + PLAIN.replace(",", "|"),
        "\ufeffsep=,\n" + PLAIN,
        "\ufeff" + PLAIN,
        (b"\xff\xfe" + PLAIN.replace(",", "\t").encode("utf-16-le")),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be")),
        f"ID, Name, Group, Since, Until\n{LINE}",
        f' Id ,NAME,"Group",since,until\n{LINE}',
        f"until,since,group,name,id\n,{SINCE},Kota,Kota A,kota-a\n",
        f"{PLAIN},,,,\n,,,,\n",
        f"{PLAIN}\n \n , ,,,\n",
        f"{HEAD},,,,\n{LINE}",
        f"\n\n{PLAIN}",
        f",,,,\n{PLAIN}",
        f"id,name,group,since,until,,\nkota-a,Kota A,Kota,{SINCE},,,\n",
        f"{HEAD}kota-a,Kota A,Kota,{SINCE}\n",
        f"{HEAD}kota-a,Kota A,Kota,{SINCE},,,,\n",
        f'{HEAD}"kota-a","Kota A","Kota","{SINCE}",""\n',
        f'{HEAD}kota-a, "Kota A", Kota, {SINCE},\n',
        f"{HEAD}  kota-a ,\u00a0Kota A ,Kota , {SINCE} , \n",
        PLAIN + ",,,,\n" * 3000,
    ],
)
def test_what_a_spreadsheet_writes_is_read(body: str | bytes) -> None:
    assert read(body) == EXPECTED


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_separator_inside_of_quotes_parts_nothing(separator: str) -> None:
    line = separator.join(
        ["kota-a", f'"Kota {separator.strip() or "A"} dua; tiga, empat"', "Kota", SINCE, ""]
    )
    ((id, name, _),) = read(HEAD.replace(",", separator) + line)
    assert (id, name) == ("kota-a", f"Kota {separator.strip() or 'A'} dua; tiga, empat")


def test_the_end_of_an_agency_is_read_from_a_line_of_full_length() -> None:
    (found,) = agency_rows(f"{HEAD}kota-a,Kota A,Kota,2020-01-01T00:00:00Z,{SINCE}".encode())
    assert found == replace(
        Agency("kota-a", "Kota A", "Kota", LONG_AGO), since=found.since, until=found.until
    )
    assert found.until is not None


NO_TEXT = "Save it as CSV UTF-8, and send that."


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "not-csv", f"This is an Excel workbook, not CSV. {NO_TEXT}"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "not-csv",
            f"This is an old Excel workbook, not CSV. {NO_TEXT}",
        ),
        (b"%PDF-1.7", "not-csv", f"This is a PDF, not CSV. {NO_TEXT}"),
        (
            f"{HEAD}kota-a,Kota \xc9,Kota,{SINCE},".encode("cp1252"),
            "not-csv",
            f"This is not CSV in UTF-8, from line 2 on. {NO_TEXT}",
        ),
        (
            PLAIN.encode("utf-16-le"),
            "not-csv",
            f"This is not CSV in UTF-8: it holds bytes that are no text. {NO_TEXT}",
        ),
        (b"\xff\xfea", "not-csv", f"This is not CSV in UTF-8, from line 1 on. {NO_TEXT}"),
        (f'{HEAD}"kota-a', "not-csv", "This is not CSV: line 2: unexpected end of data."),
        ("sep=\r\n" + PLAIN, "bad-lines", "Line 1"),
        ("", "bad-lines", "Line 1"),
    ],
)
def test_what_is_no_csv_is_named(body: str | bytes, code: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(body)
    assert refused.value.cause_code == code
    assert said in refused.value.detail


COLUMNS = "The first line must name the columns id,name,group,since,until"


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("id,name,group,since", 1, f"{COLUMNS}; until is missing."),
        ("kode,nama,group,since,until", 1, f"{COLUMNS}; id, name is missing."),
        ("id,name,group,since,until,Catatan", 1, f"{COLUMNS}, each once, and not 'Catatan'."),
        ("id,name,group,since,until,ID", 1, f"{COLUMNS}, each once."),
        ("sep=;\nid,name,group,since,until", 2, f"{COLUMNS}; id, name, group, since, until is missing."),
        ("\n\nid", 3, f"{COLUMNS}; name, group, since, until is missing."),
    ],
)
def test_a_wrong_first_line_says_what_is_wrong_with_it(head: str, line: int, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(f"{head}\n{LINE}")
    assert refused.value.extra["errors"] == [{"line": line, "detail": said}]


def test_lines_are_counted_as_a_spreadsheet_shows_them() -> None:
    with pytest.raises(Invalid) as refused:
        read(f"{HEAD},,,,\n{LINE},,,,\nkota-b,B,Kota,kemarin,\nkota-c,C,Kota,{SINCE},,more\n")
    errors = [(error["line"], error.get("column")) for error in refused.value.extra["errors"]]
    assert errors == [(5, "since"), (6, None)]
    assert refused.value.extra["errors"][1]["detail"] == "A line has 5 cells; this has more."


def test_a_name_with_what_nobody_sees_is_named_by_its_line() -> None:
    rows = f"kota-a,Kota A,Kota,{SINCE},\nkota-b,Kota\u200b B,Kota,{SINCE},\n"
    with pytest.raises(Invalid) as refused:
        agency_rows((HEAD + rows).encode())
    said = "Holds U+200B ZERO WIDTH SPACE, which cannot be seen: take it out."
    assert refused.value.extra["errors"] == [{"line": 3, "column": "name", "detail": said}]
