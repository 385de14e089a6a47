"""An archive is one thing, the same for whoever reads it from its table and from the front."""

import io
import struct
import zipfile

import pytest

from tests.intake.files import DOCX, GOOD, archive, odf_parts, ole, ooxml_parts, pdf
from tests.intake.inspected import judged

DATA = {"a.txt": b"a" * 50, "b.txt": b"b" * 50, "c.txt": b"c" * 50}


def without(*names: str) -> bytes:
    """An archive whose table does not name some of its members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for name, content in DATA.items():
            into.writestr(name, content)
        into.filelist = [entry for entry in into.filelist if entry.filename not in names]
    return made.getvalue()


def patched(data: bytes, at: int, value: bytes, magic: bytes = b"PK\x03\x04") -> bytes:
    """An archive in which the first record of a kind says something else."""
    place = data.index(magic) + at
    return data[:place] + value + data[place + len(value) :]


def packed_otherwise(data: bytes) -> bytes:
    return patched(patched(data, 8, b"\x61\0"), 10, b"\x61\0", b"PK\x01\x02")


def commented(data: bytes, comment: bytes) -> bytes:
    return data[:-2] + struct.pack("<H", len(comment)) + comment


@pytest.mark.parametrize("names", [("b.txt",), ("c.txt",), ("b.txt", "c.txt"), ("a.txt",)])
def test_members_that_the_table_does_not_name_make_it_two_things(names: tuple[str, ...]) -> None:
    assert judged("a.zip", without(*names))[0] == "file-ambiguous"


@pytest.mark.parametrize("data", [archive(DATA), archive(DATA, zipfile.ZIP_DEFLATED), GOOD["nota.odt"], DOCX])
def test_a_member_that_its_own_header_describes_otherwise_makes_it_two_things(data: bytes) -> None:
    name = "a.docx" if data == DOCX else "a.odt" if data == GOOD["nota.odt"] else "a.zip"
    assert judged(name, data) == (None, [])
    method = b"\x08\0" if data[8:10] == b"\0\0" else b"\0\0"
    assert judged(name, patched(data, 8, method))[0] == "file-ambiguous"
    assert judged(name, patched(data, 18, b"\1\0\0\0"))[0] == "file-ambiguous"


def test_a_second_end_makes_it_two_things() -> None:
    data = archive(DATA)
    table = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    second = table + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 3, 3, len(table), len(data), 0)
    assert judged("a.zip", commented(data, second))[0] == "file-ambiguous"


def test_archives_and_pdf_among_its_members_make_it_no_second_thing() -> None:
    inner = archive({"a.zip": archive(DATA), "b.rar.txt": b"x", "c.pdf": pdf()})
    assert judged("a.zip", archive({"a.pdf": pdf(), "a.zip": inner, "b.zip": inner})) == (None, [])


def test_a_pdf_that_only_begins_beside_the_bytes_of_a_member_makes_it_two_things() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        entry = zipfile.ZipInfo("a.txt")
        entry.extra = struct.pack("<HH", 0x9999, len(pdf())) + pdf()
        into.writestr(entry, b"a")
    assert judged("a.zip", made.getvalue())[0] == "file-ambiguous"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.odt", {**odf_parts("text"), **ooxml_parts("docx")}),
        ("a.docx", {**ooxml_parts("docx"), "META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b"x"}),
        ("a.ods", {**odf_parts("spreadsheet"), "AndroidManifest.xml": b""}),
    ],
)
def test_two_kinds_of_document_in_one_are_two_things(name: str, parts: dict[str, bytes]) -> None:
    assert judged(name, archive(parts))[0] == "file-ambiguous"


def test_what_is_packed_in_an_unknown_way_is_said_not_to_be_examined() -> None:
    program = {"a.txt": b"a", "b.txt": b"MZ\x90\0" + bytes(60)}
    assert judged("a.zip", packed_otherwise(archive(program))) == (None, ["programs", "not-examined"])


def test_a_document_that_is_packed_in_an_unknown_way_is_none() -> None:
    assert judged("a.docx", packed_otherwise(archive(dict(reversed(ooxml_parts("docx").items()))))) == (
        "file-unreadable",
        [],
    )


@pytest.mark.parametrize(
    "data",
    [GOOD["foto.png"].ljust(0x8001, b"\0") + b"CD001", GOOD["foto.png"] + b"MSCF\0\0\0\0" + bytes(90)],
    ids=["disk", "cabinet"],
)
def test_what_else_programs_open_makes_it_two_things(data: bytes) -> None:
    assert judged("a.png", data)[0] == "file-ambiguous"


def test_what_windows_installs_is_a_program() -> None:
    data = ole("Contents")
    at = data.index("Root Entry".encode("utf-16-le")) + 80
    installer = data[:at] + bytes.fromhex("84100c0000000000c000000000000046") + data[at + 16 :]
    assert judged("a.zip", archive({"a.txt": installer})) == (None, ["programs"])


def test_an_empty_member_may_say_either_way_how_it_is_packed() -> None:
    assert judged("a.zip", patched(archive({"folder/": b"", "a.txt": b"a"}), 8, b"\x08\0")) == (None, [])
