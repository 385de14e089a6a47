"""What a file holds is known by its own first bytes, however it is called and however deep it lies."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

import msoffcrypto.format.ooxml
import pikepdf
import pytest

from services.intake.domain.file_types import leads_out, runs_by_name
from services.intake.inspection import inside, pdf
from services.intake.inspection.inside import Budget, Inside
from services.intake.inspection.inspecting import inspect_data, inspect_file
from tests.intake.files import DOCX, GOOD, PNG, archive, odf_parts, ole, ooxml_parts, relations
from tests.intake.inspected import judged

DOCM = archive(
    ooxml_parts("docx", main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
    zipfile.ZIP_DEFLATED,
)
WINDOWS = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(60)
IN_UNICODE = struct.pack("<HHBI", 0x7075, 10, 1, 0)
"""What stands before another name, of five bytes, that an archive gives a member."""
LINUX = b"\x7fELF\2\1\1" + bytes(60)
PROGRAMS = {
    "windows": WINDOWS,
    "linux": LINUX,
    "mac": b"\xcf\xfa\xed\xfe\7\0\0\1" + bytes(60),
    "mac-of-old": b"\xfe\xed\xfa\xce\0\0\0\7" + bytes(60),
    "java": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(60),
    "script": b"#!/bin/sh\nrm -rf ~\n",
    "batch": b"@ECHO OFF\r\ndel *.*\r\n",
    "shortcut": b"L\0\0\0\x01\x14\x02\0" + bytes(60),
}


def native(name: str, content: bytes) -> bytes:
    """A file packed into an object, as Windows' Packager does it."""
    label = name.encode() + b"\0"
    body = b"\2\0" + label + label + b"\0\0\3\0" + struct.pack("<I", len(label)) + label
    body += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(body)) + body


def special(name: str, **said: object) -> bytes:
    """An archive with one member about which something is said that its name does not."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        entry = zipfile.ZipInfo(name)
        for key, value in said.items():
            setattr(entry, key, value)
        into.writestr(entry, b"/etc/passwd")
    return made.getvalue()


def deep(content: bytes, levels: int) -> bytes:
    for _ in range(levels):
        content = archive({"isi.dat": content})
    return content


def encrypted(data: bytes) -> bytes:
    into = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(data)).encrypt("rahasia", into)
    return into.getvalue()


def holding(kind: str, content: bytes) -> tuple[str, bytes]:
    """A file of a kind that holds another one under a name that says nothing."""
    if kind == "pdf":
        made = pikepdf.Pdf.new()
        made.add_blank_page()
        made.attachments["a.txt"] = pikepdf.AttachedFileSpec(made, content)
        into = io.BytesIO()
        made.save(into)
        return "a.pdf", into.getvalue()
    parts: Mapping[str, bytes] = {
        "zip": {"a.txt": content},
        "docx": {**ooxml_parts("docx"), "word/embeddings/o.bin": content},
        "odt": {**odf_parts("text"), "Object 1": content},
    }[kind]
    return f"a.{kind}", archive(parts, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize("kind", ["zip", "pdf", "docx", "odt"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_is_one_whatever_it_is_called(kind: str, program: bytes) -> None:
    name, data = holding(kind, program)
    code, findings = judged(name, data)
    assert (code, [each for each in findings if each != "attachments"]) == (None, ["programs"])


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_program_is_seen_in_archives_inside_of_archives(levels: int) -> None:
    assert judged("a.zip", deep(WINDOWS, levels)) == (None, ["programs"])


def test_what_lies_too_deep_is_said_not_to_be_examined() -> None:
    assert judged("a.zip", deep(WINDOWS, 9)) == (None, ["not-examined"])


@pytest.mark.parametrize("left", [Budget(files=1), Budget(unpacked=len(DOCX) + 10)], ids=["files", "bytes"])
def test_what_is_too_much_is_said_not_to_be_examined(left: Budget) -> None:
    data = archive({"a.dat": DOCX, "b.dat": archive({"a.dat": WINDOWS})})
    inspection = inspect_file(io.BytesIO(data), len(data), Inside(inspect_data, budget=left))
    assert {mark.code for mark in inspection.marks} == {"not-examined"}


MACROS = {
    "docm": DOCM,
    "doc": ole("WordDocument", others=[("VBA", b"")]),
    "odt": archive({**odf_parts("text"), "Basic/Standard/Modul1.xml": b"<a/>"}),
    "odt-by-event": archive(odf_parts("text", "<script:event-listener/>")),
    "in-docx": archive({**ooxml_parts("docx"), "word/embeddings/a.bin": DOCM}),
    "in-package": ole("Contents", others=[("Package", DOCM)]),
    "in-doc-in-docx": archive(
        {**ooxml_parts("docx"), "word/a.bin": ole("WordDocument", others=[("Package", DOCM)])}
    ),
}


@pytest.mark.parametrize(
    ("kind", "code"), [("zip", None), ("pdf", None), ("docx", "file-macros"), ("odt", "file-macros")]
)
@pytest.mark.parametrize("macros", MACROS.values(), ids=MACROS)
def test_macros_are_seen_inside(kind: str, code: str | None, macros: bytes) -> None:
    name, data = holding(kind, macros)
    refused, findings = judged(name, data)
    assert refused == code
    assert code or "programs" in findings


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.bat", b"del"), ("foto.png", WINDOWS), ("skrip.js ", b"1"), ("a.txt", archive({"a.exe": b""}))],
)
def test_what_is_packed_into_an_object_is_seen(name: str, content: bytes) -> None:
    packed = native(name, content)
    embedded = ole("Contents", others=[("\x01Ole10Native", packed)])
    assert judged(*holding("docx", embedded)) == (None, ["programs"])
    assert judged("a.doc", ole("WordDocument", others=[("\x01Ole10Native", packed)]))[1][-1:] == ["programs"]


def test_a_document_packed_into_an_object_is_none() -> None:
    assert judged(
        *holding("docx", ole("Contents", others=[("\x01Ole10Native", native("a.docx", DOCX))]))
    ) == (None, [])


@pytest.mark.parametrize(
    "content",
    [
        b"MZ adalah singkatan",
        b"halo",
        PNG,
        b"",
        *(GOOD[name] for name in ("surat.pdf", "nota.docx", "lama.xls")),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "docx", "odt"])
def test_what_is_no_program_goes_along_without_a_word(kind: str, content: bytes) -> None:
    assert judged(*holding(kind, content)) == (None, [])


@pytest.mark.parametrize(
    "content",
    [
        b"Rar!\x1a\x07\0",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08",
        encrypted(DOCX),
        archive({"a": b"x"})[:40],
        PNG + DOCM,
    ],
)
def test_what_cannot_be_looked_into_is_said_not_to_be_examined(content: bytes) -> None:
    assert judged(*holding("zip", content)) == (None, ["not-examined"])


@pytest.mark.parametrize(
    "data",
    [
        *(
            archive({name: b"x"})
            for name in ("../a.txt", "a/../../b", "/etc/a", "C:\\a.txt", "..\\a", "a\\..\\..\\b", "d:a")
        ),
        special("a.txt", external_attr=(stat.S_IFLNK | 0o777) << 16),
        special("a.txt", extra=IN_UNICODE + b"../.a"),
    ],
)
def test_names_that_lead_out_go_along_as_a_finding(data: bytes) -> None:
    assert judged("a.zip", data) == (None, ["unsafe-names"])


@pytest.mark.parametrize("name", ["a..b.txt", "a/...txt", "..a/b", "C/a", "surat 10:30.txt"])
def test_names_with_dots_and_colons_are_names(name: str) -> None:
    assert not leads_out(name)


@pytest.mark.parametrize(
    "name", ["a.EXE", "a.exe.", "a.txt.exe ", "a.ps1", "a.lnk", "a.xlsm", "a.exe::$DATA"]
)
def test_names_of_programs_are_known(name: str) -> None:
    assert runs_by_name(name)


@pytest.mark.parametrize("name", ["exe", "a.exe.txt", "a.docx", "a.xls", "a.htm"])
def test_names_of_other_files_are_none_of_programs(name: str) -> None:
    assert not runs_by_name(name)


def test_the_name_in_unicode_counts_too() -> None:
    assert judged("a.zip", special("a.txt", extra=IN_UNICODE + b"a.exe")) == (
        None,
        ["programs"],
    )


def scripted() -> bytes:
    made = pikepdf.Pdf.new()
    made.add_blank_page()
    made.Root.OpenAction = pikepdf.Object.parse(b"<</S/JavaScript/JS(app.alert(1))>>")
    into = io.BytesIO()
    made.save(into)
    return into.getvalue()


BINARY = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
TEMPLATE = ooxml_parts(
    "docx",
    '<Override PartName="/a.dat" ContentType="application/vnd.ms-office.vbaProject"/>',
    main_type="x.wordprocessingml.template.main+xml",
)


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (scripted(), "scripts"),
        (archive(ooxml_parts("xlsx", main_type=BINARY)), "programs"),
        (archive({**TEMPLATE, "a.dat": b"x"}), "programs"),
        (archive({"META-INF/MANIFEST.MF": b"Main-Class: A"}), "programs"),
    ],
    ids=["pdf", "binary", "template", "jar"],
)
def test_what_is_no_evidence_itself_is_looked_at_inside(content: bytes, finding: str) -> None:
    assert judged(*holding("zip", content)) == (None, [finding])
    assert judged("a.zip", deep(content, 2)) == (None, [finding])


@pytest.mark.parametrize(
    ("content", "findings"),
    [(b"Rar!\x1a\x07\0", ["not-examined"]), (b"{\\rtf1 x}", ["not-examined"]), (b"\x1f\x8b\x08", [])],
    ids=["rar", "rtf", "emz"],
)
def test_a_document_that_holds_what_cannot_be_looked_into_says_so(
    content: bytes, findings: list[str]
) -> None:
    assert judged(*holding("docx", content)) == (None, findings)


def test_time_for_looking_inside_is_bounded() -> None:
    data = archive({"a.dat": archive({"a.exe": b"x"})})
    inspection = inspect_file(io.BytesIO(data), len(data), Inside(inspect_data, budget=Budget(until=0.0)))
    assert [mark.code for mark in inspection.marks] == ["not-examined"]


def test_an_old_document_of_two_kinds_is_two_things() -> None:
    assert judged("a.doc", ole("WordDocument", others=[("Workbook", b"")]))[0] == "file-ambiguous"
    assert judged("a.xls", ole("Workbook", others=[("Book", b"")])) == (None, [])


def test_a_relation_to_another_computer_is_one_whatever_it_says_of_itself() -> None:
    made = {**ooxml_parts("docx"), "word/_rels/a.rels": relations(("attachedTemplate", "\\\\server\\a.dotm"))}
    assert judged("a.docx", archive(made)) == (None, ["external"])


def test_a_file_that_is_too_large_to_be_looked_into_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "MOST_FILE", len(DOCX))
    assert judged(*holding("docx", DOCX)) == (None, ["not-examined"])


def test_very_many_attached_files_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_ATTACHED", 0)
    assert judged(*holding("pdf", WINDOWS)) == (None, ["attachments", "not-examined"])
