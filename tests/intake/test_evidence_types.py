"""The type of a file is found in its content, and what is two things at once is not taken."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.blobs.inspection import LONGEST_READ, inspect_file
from services.intake.domain import FILE_TYPES, Inspection
from services.intake.domain.file_types import extension
from tests.intake.files import DOCX, GOOD, JPEG, MP4, PNG, archive, odf, ole, ooxml, pdf


def found(data: bytes) -> Inspection:
    return inspect_file(io.BytesIO(data), len(data), "")


@pytest.mark.parametrize("name", GOOD)
def test_every_type_is_found_by_its_content(name: str) -> None:
    inspection = found(GOOD[name])
    assert inspection.defect is None
    assert extension(name) in FILE_TYPES[inspection.type or ""].extensions


def test_all_types_have_an_example() -> None:
    assert {found(data).type for data in GOOD.values()} == set(FILE_TYPES)


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (b"MZ\x90\0" + bytes(60), "a Windows program"),
        (b"\x7fELF" + bytes(60), "a Linux program"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"{\\rtf1 x}", "an RTF text"),
        (b"#!/bin/sh\n", "a script"),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><p>", "a web page or a picture with scripts"),
        (b"<svg onload='x()'>", "a web page or a picture with scripts"),
        (b"<?xml version='1.0'?><svg/>", "XML"),
        (b"\0\0\0\x18ftypqt  ", "a video that is no MP4"),
        (b"Halo, dunia", "plain text or something unknown"),
        (bytes(100), "nothing known"),
        (ole("__nameid_version1.0"), "a Windows file of no office kind"),
        (archive({"META-INF/MANIFEST.MF": b"", "A.class": b"x"}), "a program packed as a zip archive"),
        (archive({"mimetype": b"application/epub+zip"}), "a 'application/epub+zip' file"),
        (ooxml("visio/document.xml"), "an Office Open XML file of no usual kind"),
    ],
)
def test_what_is_no_evidence_is_named(data: bytes, description: str) -> None:
    assert found(data) == Inspection("", None, description, None)


@pytest.mark.parametrize(
    ("data", "defect"),
    [
        (pdf() + archive({"a": b"b"}), "it is a zip archive too"),
        (PNG + DOCX, "it is a zip archive too"),
        (MP4 + archive({"a": b"b"}), "it is a zip archive too"),
        (JPEG + pdf(), "it is a PDF too"),
        (DOCX + b"<script>", "something follows its end, or its end is missing"),
        (DOCX[:-30], "something follows its end, or its end is missing"),
        (
            archive({"[Content_Types].xml": b"", "word/vbaProject.bin": b"x"}),
            "it carries macros: save it without them",
        ),
    ],
)
def test_what_is_two_things_at_once_or_damaged_has_a_flaw(data: bytes, defect: str) -> None:
    assert found(data).defect == defect


def test_a_pdf_that_holds_a_zip_somewhere_inside_is_a_pdf() -> None:
    data = pdf()[:-6] + archive({"lampiran.txt": b"x"}) + b"\n%%EOF\n"
    assert (found(data).type, found(data).defect) == ("pdf", None)


def test_an_archive_may_begin_with_a_pdf() -> None:
    assert found(archive({"a.pdf": pdf()})) == Inspection("", "zip", "a zip archive", None)


def test_an_archive_with_a_huge_table_of_contents_is_not_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for number in range(LONGEST_READ // 100):
            into.writestr(f"{number:060d}", b"")
    assert found(made.getvalue()).defect == "it is damaged (its table of contents is too long)"


def test_something_before_an_archive_is_a_flaw() -> None:
    inside = archive({"a.txt": b"a"})
    assert (
        found(inside[:30] + b"x" * 50 + inside).defect
        == "it is empty, or something stands before its beginning"
    )


def test_a_compound_file_with_unusual_sectors_is_damaged() -> None:
    data = bytearray(ole("WordDocument"))
    struct.pack_into("<H", data, 30, 40)
    assert found(bytes(data)).defect == "it is damaged (its sectors have no usual size)"


def test_a_compound_file_that_leads_in_circles_is_left() -> None:
    data = bytearray(ole("Nothing"))
    struct.pack_into("<I", data, 512 + 4, 1)
    assert found(bytes(data)).type is None


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_no_damage_makes_it_fail(name: str, data: st.DataObject) -> None:
    broken = bytearray(GOOD[name])
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=8)):
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(broken)))
    assert found(bytes(broken[:cut])).description


def test_an_opendocument_file_of_another_kind_is_named() -> None:
    assert found(odf("graphics")).description == "a 'application/vnd.oasis.opendocument.graphics' file"


def test_the_beginning_of_an_end_record_at_the_very_end_makes_no_archive() -> None:
    assert found(pdf() + b"PK\x05\x06") == Inspection("", "pdf", "a PDF", None)


def test_a_compound_file_whose_directory_lies_beyond_its_header_s_table_is_of_no_office_kind() -> None:
    data = bytearray(ole("WordDocument"))
    struct.pack_into("<I", data, 48, 109 * 128)
    assert found(bytes(data)) == Inspection("", None, "a Windows file of no office kind", None)
