"""Macros that come packed as ActiveMime, in a web page saved as one file (MIME) or in an office file of old."""

import struct
import zlib
from base64 import encodebytes

import pytest

from tests.intake.files import archive, ole, pdf
from tests.intake.inspected import found, judged
from tests.intake.test_inspection_inside import DOCM, WINDOWS, holding, native

VBA = ole("VBA")


def active_mime(content: bytes, behind: int = 0x32) -> bytes:
    """A file as Word packs macros and objects beside a web page: zlib behind a header of 50 bytes or more."""
    return (
        b"ActiveMime\0\0".ljust(0x1E, b"\1")
        + struct.pack("<H", behind - 46).ljust(behind - 0x1E, b"x")
        + zlib.compress(content)
    )


def mime(content: bytes, name: str = "editdata.mso", first: bytes = b"") -> bytes:
    """A web page in one file, with something beside it."""
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    page = b"--b\r\nContent-Location: a.htm\r\nContent-Type: text/html\r\n\r\n<html></html>\r\n"
    said = f'Content-Type: application/x-mso; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return first + head + page + b"--b\r\n" + said.encode() + encodebytes(content) + b"\r\n--b--\r\n"


PACKED = {
    "alone": active_mime(VBA),
    "with-a-longer-header": active_mime(VBA, 0x22A),
    "damaged": active_mime(VBA)[:60],
    "of-another-kind": active_mime(b"nothing known"),
    "in-mime": mime(active_mime(VBA)),
    "in-mime-behind-a-line": mime(active_mime(VBA), first=b"\r\nFrom: a@b.example\r\n"),
    "in-package": ole("Contents", others=[("Package", active_mime(VBA))]),
    "in-object": ole("Contents", others=[("\x01Ole10Native", native("a.mso", mime(active_mime(VBA))))]),
    "document-in-mime": mime(DOCM, "a.docx"),
}


@pytest.mark.parametrize(
    ("kind", "code"), [("zip", None), ("pdf", None), ("docx", "file-macros"), ("odt", "file-macros")]
)
@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
def test_macros_packed_as_active_mime_are_seen_inside(kind: str, code: str | None, packed: bytes) -> None:
    name, data = holding(kind, packed)
    refused, findings = judged(name, data)
    assert refused == code
    assert code or "programs" in findings


@pytest.mark.parametrize("stream", ["Package", "\x01Ole10Native", "Anything"])
def test_macros_packed_as_active_mime_are_seen_in_old_office_files(stream: str) -> None:
    content = native("a.mso", active_mime(VBA)) if "Native" in stream else active_mime(VBA)
    assert judged("a.doc", ole("WordDocument", others=[(stream, content)]))[0] == "file-macros"


@pytest.mark.parametrize("name", ["a.doc", "a.mht"])
def test_a_web_page_with_macros_is_refused_for_them(name: str) -> None:
    assert judged(name, mime(active_mime(VBA)))[0] == "file-macros"
    assert judged(name, active_mime(VBA))[0] == "file-macros"


def test_a_program_in_a_letter_is_one() -> None:
    assert judged("a.zip", archive({"a.eml": mime(WINDOWS, "a.dat")})) == (None, ["programs"])
    assert judged("a.zip", archive({"a.eml": mime(b"halo", "a.exe")})) == (None, ["programs"])


@pytest.mark.parametrize(
    "content", [mime(b"halo", "a.txt"), mime(pdf(), "a.pdf"), active_mime(ole("WordDocument"))]
)
@pytest.mark.parametrize("kind", ["zip", "docx", "odt"])
def test_a_letter_or_an_object_without_macros_goes_along(kind: str, content: bytes) -> None:
    assert judged(*holding(kind, content)) == (None, [])


def test_a_letter_that_is_none_says_nothing() -> None:
    assert judged("a.zip", archive({"a.txt": b"MIME-Version: what is it?\n" * 3})) == (None, [])


def test_a_web_page_in_one_file_is_named() -> None:
    assert found(mime(b"halo")).description == "a letter or web page in one file (MIME)"
    assert found(mime(b"halo")).type is None
