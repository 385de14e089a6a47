"""Office files of any length are looked through as far as that goes, and say how far that was."""

import zipfile

import pytest

from services.intake.inspection import parts
from tests.intake.files import OFFICE, archive, odf_parts, ooxml_parts, relations
from tests.intake.inspected import found, judged

ROWS = b"<table:table-row><table:table-cell>" + b"panjang " * 60 + b"</table:table-cell></table:table-row>"
LISTENER = b"<script:event-listener/>"


def sheet(size: int, last: bytes = b"") -> bytes:
    """A spreadsheet with so many bytes of rows."""
    made = odf_parts("spreadsheet", "|")
    content = made["content.xml"].replace(
        b"<office:document-content", b'<office:document-content xmlns:table="t"'
    )
    made["content.xml"] = content.replace(b"|", ROWS * (size // len(ROWS)) + last)
    return archive(made, zipfile.ZIP_DEFLATED)


def test_a_long_spreadsheet_is_looked_through() -> None:
    assert judged("a.ods", sheet(70 << 20, LISTENER)) == ("file-macros", [])


def test_a_spreadsheet_that_is_longer_than_what_is_looked_at_says_so() -> None:
    inspection = found(sheet(130 << 20))
    assert [(mark.code, mark.what) for mark in inspection.marks] == [
        ("not-examined", "content.xml is longer than what is looked at")
    ]


@pytest.mark.parametrize("bound", ["MOST_XML", "MOST_ELEMENTS"])
@pytest.mark.parametrize("name", ["a.ods", "a.docx"])
def test_what_is_not_looked_at_is_no_reason_to_refuse(
    name: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, bound, 3000 if bound == "MOST_XML" else 20)
    long = archive(ooxml_parts("docx", inside="<p/>" * 900)) if name == "a.docx" else sheet(9000, LISTENER)
    assert judged(name, long) == (None, ["not-examined"])


@pytest.mark.parametrize("inside", ["<p>", "<p/></x>", "<p>&a;</q>"])
def test_what_breaks_off_in_the_middle_is_no_document(inside: str) -> None:
    assert judged("a.docx", archive(ooxml_parts("docx", inside=inside)))[0] == "file-unreadable"


def test_what_a_long_document_links_to_is_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ELEMENTS", 20)
    long = ooxml_parts("docx", inside="<p/>" * 900)
    long["word/_rels/document.xml.rels"] = relations(("vbaProject", "x.dat"))
    assert judged("a.docx", archive(long)) == ("file-macros", ["not-examined"])


XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
SPREAD = "<fldChar/><instrText>DD</instrText><instrText>EAUTO cmd</instrText><fldChar/>"


def text(inside: str, **others: str) -> bytes:
    """An OpenDocument text, and other parts of it."""
    made = odf_parts("text", f"<office:body {XLINK}>{inside}</office:body>")
    names = 'xmlns:library="http://openoffice.org/2000/library"'
    return archive(
        {**made, **{name: f"<all {XLINK} {names}>{part}</all>".encode() for name, part in others.items()}}
    )


@pytest.mark.parametrize(
    "data",
    [
        text('<draw:a xlink:href=" vnd.sun.star.script:A.B.C"/>'),
        text('<draw:a xlink:href="&#9;MACRO:///A.B.C"/>'),
        text('<draw:a xlink:href="vnd.libreoffice.command:macro"/>'),
        text('<draw:a xlink:href=".uno:RunMacro"/>'),
        text(
            "", **{"Configurations2/accelerator/current.xml": '<item xlink:href="vnd.sun.star.script:A.B"/>'}
        ),
        text("", **{"Configurations2/menubar/m.xml": '<menuitem library:id="vnd.sun.star.script:A"/>'}),
        text("", **{"Object 1/Object 2/content.xml": '<item xlink:href="vnd.sun.star.script:A.B"/>'}),
        text("", **{"Basic/script-lc.xml": '<library xlink:href="http://x" library:link="true"/>'}),
    ],
)
def test_whatever_calls_a_script_is_a_macro(data: bytes) -> None:
    assert judged("a.odt", data) == ("file-macros", [])


@pytest.mark.parametrize(
    ("inside", "findings"),
    [
        ('<draw:image xlink:href="https://x/a.png"/>', ["external"]),
        ('<draw:image xlink:href="\\\\server\\a.png"/>', ["external"]),
        ('<draw:object xlink:href="../a.ods"/>', ["external"]),
        ('<draw:dde-source draw:dde-application="soffice"/>', ["external"]),
        ('<draw:applet xlink:href="a.class"/>', ["controls"]),
        ('<draw:event-listener draw:action="execute" xlink:href="cmd.exe"/>', ["programs"]),
        ('<draw:a xlink:href="https://x/"/>', []),
        ('<draw:image xlink:href="Pictures/a.png"/>', []),
        ('<draw:object xlink:href="./Object 1"/>', []),
        ('<draw:event-listener draw:action="next-page"/>', []),
    ],
)
def test_what_reaches_out_of_a_text_goes_along_as_a_finding(inside: str, findings: list[str]) -> None:
    assert judged("a.odt", text(inside)) == (None, findings)


@pytest.mark.parametrize(
    "item",
    [
        '<item xlink:href=".uno:Save"/>',
        '<menuitem library:id=".uno:Open"/>',
        '<button xlink:href=".uno:FormController/moveToNext"/>',
        '<cell library:string-value="Macro: ekonomi"/>',
    ],
)
def test_menus_and_keys_call_the_program_itself(item: str) -> None:
    data = text("", **{"Configurations2/toolbar/standardbar.xml": item, "styles.xml": item})
    assert judged("a.odt", data) == (None, [])


def test_an_empty_list_of_keys_is_none_as_programs_write_it() -> None:
    parts = {**odf_parts("text"), "Configurations2/accelerator/current.xml": b""}
    assert judged("a.odt", archive(parts)) == (None, [])


@pytest.mark.parametrize(
    ("inside", "findings"),
    [
        (SPREAD, ["programs"]),
        ('<fldSimple instr="DDE cmd"/>', ["programs"]),
        ("<fldChar/><instrText>INCLUDEPICTURE  \\d &quot;http://x/a.png&quot;</instrText>", ["external"]),
        ("<fldChar/><instrText>HYPERLINK http://x/dde </instrText>", []),
        ('<fldSimple instr="PAGE"/><p>DDEAUTO cmd</p>', []),
    ],
)
@pytest.mark.parametrize("where", ["main", "footer"])
def test_a_field_that_reaches_out_goes_along_as_a_finding(
    inside: str, findings: list[str], where: str
) -> None:
    said = f'<Override PartName="/word/f.xml" ContentType="{OFFICE}wordprocessingml.footer+xml"/>'
    made = ooxml_parts("docx", said, inside if where == "main" else "")
    made["word/f.xml"] = f"<ftr>{inside}</ftr>".encode() if where == "footer" else b"<ftr/>"
    assert judged("a.docx", archive(made)) == (None, findings)


@pytest.mark.parametrize(
    ("kind", "type", "content"),
    [
        (
            "xlsx",
            "spreadsheetml.externalLink+xml",
            '<externalLink><ddeLink ddeService="cmd"/></externalLink>',
        ),
        ("pptx", "presentationml.slide+xml", '<sld><hlinkClick action="ppaction://program"/></sld>'),
        (
            "pptx",
            "presentationml.slideMaster+xml",
            '<sld><hlinkClick action="ppaction://macro?name=A"/></sld>',
        ),
    ],
)
def test_what_starts_a_program_goes_along_as_a_finding(kind: str, type: str, content: str) -> None:
    made = ooxml_parts(kind, f'<Override PartName="/a.xml" ContentType="{OFFICE}{type}"/>')
    assert judged(f"a.{kind}", archive({**made, "a.xml": content.encode()})) == (None, ["programs"])


def test_rich_text_inside_of_a_document_is_said_not_to_be_examined() -> None:
    made = {**ooxml_parts("docx"), "word/afchunk.dat": b"{\\rtf1 x}"}
    assert judged("a.docx", archive(made)) == (None, ["not-examined"])
