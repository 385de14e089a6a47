"""What a file is by its content: honest files are recognised as their readers do, dishonest ones refused in words."""

import io
import struct
import zipfile
from collections.abc import Mapping

import msoffcrypto.format.ooxml
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.domain import file_types
from services.intake.domain.file_types import FILE_TYPES, extension
from tests.intake.files import (
    DOCX,
    GOOD,
    HEIC,
    JPEG,
    MOOV,
    MP4,
    PNG,
    archive,
    box,
    film,
    heic,
    image,
    odf,
    odf_parts,
    ole,
    ole_content_last,
    ooxml_parts,
    pdf,
    relations,
)
from tests.intake.inspected import found, judged

ZIP = archive({"a.txt": b"a"})
SCRIPT = "<office:body><script>alert(1)</script></office:body>"
SCRIPT_LINK = (
    '<office:body><draw:a xmlns:x="urn:x" x:href="vnd.sun.star.script:Standard.A.Main"/></office:body>'
)
PPT = "PowerPoint Document"
OVERRIDE = '<Override PartName="/{}" ContentType="{}"/>'


@pytest.mark.parametrize("name", GOOD)
def test_every_type_is_found_by_its_content(name: str) -> None:
    assert judged(name, GOOD[name]) == (None, [])
    assert extension(name) in FILE_TYPES[found(GOOD[name]).type or ""].extensions


def test_all_types_have_an_example() -> None:
    assert {found(data).type for data in GOOD.values()} == set(FILE_TYPES)


def saved(data: bytes, **options: object) -> bytes:
    """A PDF as qpdf writes it."""
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.save(into, **options)  # type: ignore[arg-type]  # handed on
    return into.getvalue()


def many_members(count: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for number in range(count):
            into.writestr(str(number), b"")
    return made.getvalue()


def zip64() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into, into.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"a")
    return made.getvalue()


def renamed(parts: Mapping[str, bytes], **to: str) -> dict[str, bytes]:
    """Parts under other names: `{}` in a rule of `to` stands for the old one."""
    return {to.get(name, to.get("every", "{}")).format(name): content for name, content in parts.items()}


RC4 = pikepdf.Encryption(owner="rahasia", user="", R=4)
HONEST: dict[str, tuple[bytes, list[str]]] = {
    "newline-first.pdf": (b"\r\n" + pdf(), ["leading-bytes"]),
    "mark-first.pdf": (b"\xef\xbb\xbf" + pdf(), ["leading-bytes"]),
    "scanner.pdf": (b"\x1b%-12345X@PJL\r\n" + pdf() + b"\x1b%-12345X", ["trailing-bytes", "leading-bytes"]),
    "as-late-as-it-may.pdf": (b"x" * 1019 + pdf(), ["leading-bytes"]),
    "old.pdf": (b"%PDF-0.9" + pdf()[8:], []),
    "linear.pdf": (saved(pdf(pages=3), linearize=True), []),
    "packed.pdf": (saved(pdf(), object_stream_mode=pikepdf.ObjectStreamMode.generate), []),
    "owner-only.pdf": (saved(pdf(), encryption=RC4), ["restricted"]),
    "wrong-table.pdf": (pdf().replace(b"startxref\n1", b"startxref\n9"), ["repaired"]),
    "padded.pdf": (pdf() + bytes(5000), ["trailing-bytes", "repaired"]),
    "padded.png": (PNG + bytes(9), ["trailing-bytes"]),
    "motion.jpg": (JPEG + MP4, ["trailing-bytes"]),
    "progressive.jpg": (image("JPEG", progressive=True, comment=b"\xff\xd9"), []),
    "pages.tif": (image("TIFF", compression="tiff_lzw"), []),
    "lossless.webp": (image("WEBP", lossless=True), []),
    "hvc1.mp4": (film("hvc1", "hvc1", "iso2", "mp41"), []),
    "sony.mp4": (film("XAVC", "XAVC", "iso2", "mp41"), []),
    "quicktime-too.mp4": (film("qt  ", "qt  ", "mp42"), []),
    "live.mp4": (
        box("ftyp", b"iso6" + bytes(4)) + MOOV + box("moof") + struct.pack(">I4s", 0, b"mdat"),
        [],
    ),
    "long-box.mp4": (film("isom")[:-72] + struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(8), []),
    "padded.mp4": (MP4 + bytes(12), ["trailing-bytes"]),
    "mif1.heic": (heic(b"mif1", b"heic"), []),
    "rezipped.odt": (archive(odf_parts("text"), zipfile.ZIP_DEFLATED), []),
    "mimetype-last.ods": (archive(dict(reversed(odf_parts("spreadsheet").items()))), []),
    "openoffice-2.odt": (
        archive(
            {
                **odf_parts("text"),
                "META-INF/manifest.xml": b'<!DOCTYPE manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" '
                b'"Manifest.dtd"><manifest/>',
            }
        ),
        [],
    ),
    "embedded.docx": (
        archive({**ooxml_parts("docx"), "word/embeddings/a.xlsx": archive(ooxml_parts("xlsx"))}),
        [],
    ),
    "basic-empty.odt": (archive({**odf_parts("text"), "Basic/script-lc.xml": b"<a/>"}), []),
    "case.docx": (
        archive(renamed(ooxml_parts("docx"), **{"[Content_Types].xml": "[content_types].XML"})),
        [],
    ),
    "backslash.docx": (
        archive({name.replace("/", "\\"): content for name, content in ooxml_parts("docx").items()}),
        [],
    ),
    "dot.xlsx": (archive(renamed(ooxml_parts("xlsx"), every="./{}")), []),
    "macro-in-name.docx": (archive({**ooxml_parts("docx"), "word/media/makro.png": PNG}), []),
    "trailing.docx": (DOCX + b"\r\n", ["trailing-bytes"]),
    "linked.docx": (
        archive(
            {
                **ooxml_parts("docx"),
                "word/_rels/document.xml.rels": relations(("attachedTemplate", "http://x"), mode="External"),
            }
        ),
        ["external"],
    ),
    "hyperlinks.docx": (
        archive(
            {
                **ooxml_parts("docx"),
                "word/_rels/document.xml.rels": relations(("hyperlink", "http://x"), mode="External"),
            }
        ),
        [],
    ),
    "controls.docx": (
        archive({**ooxml_parts("docx"), "word/_rels/document.xml.rels": relations(("control", "x.xml"))}),
        ["controls"],
    ),
    "long.doc": (ole("WordDocument", bytes(7_600_000)), []),
    "longer.ppt": (ole(PPT, bytes(20 << 20)), []),
    "long.xls": (ole("Workbook", bytes(8 << 20)), []),
    "old.xls": (ole("Book"), []),
    "last-sector-not-filled.doc": (ole_content_last("WordDocument", b"x" * 9000), []),
    "padded.doc": (ole("WordDocument") + bytes(100), ["trailing-bytes"]),
    "package-inside.ppt": (ole(PPT, bytes(8), [("Package", ZIP)]), ["attachments"]),
    "newline-after.zip": (ZIP + b"\n", ["trailing-bytes"]),
    "pdf-first.zip": (archive({"a.pdf": pdf()}), []),
    "most.zip": (many_members(65_535), []),
    "zip64.zip": (zip64(), []),
    "more.zip": (many_members(65_600), []),
    "split-mark.zip": (b"PK\x07\x08" + ZIP, []),
    "programs.zip": (archive({"a/setup.EXE": b"MZ", "a/x.docm": b""}), ["programs"]),
    "twice.zip": (archive({"a": b"1", "A": b"2"}), ["same-name-twice"]),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_readers_open_is_taken(name: str) -> None:
    data, findings = HONEST[name]
    assert judged(name, data) == (None, findings)


def flagged(data: bytes) -> bytes:
    """A zip archive whose members are marked as encrypted."""
    made = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(magic) + at] |= 1
    return bytes(made)


def under_password(data: bytes, password: str) -> bytes:
    """An office file as Office puts it under a password."""
    into = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(data)).encrypt(password, into)
    return into.getvalue()


def records(*each: tuple[int, bytes]) -> bytes:
    """Records of an old Excel workbook."""
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in each)


BOF = (0x0809, b"\x00\x06\x05\x00" + bytes(12))
VBA = ole("VBA")
LISTENER = '<office:x><script:event-listener script:language="ooo:script"/></office:x>'
FIB = b"\xec\xa5\xc1\x00" + bytes(7)
MACRO_LINK = relations(("vbaProject", "apa-saja.dat"))
DISHONEST: dict[str, tuple[bytes, str]] = {
    "html-behind.pdf": (b"%PDF-1.7\n<!doctype html><script>alert(1)</script>", "file-truncated"),
    "html-before.pdf": (b"\n <html><script>1</script></html>\n" + pdf(), "wrong-type"),
    "html-in-between.pdf": (b"x <html> " + pdf(), "file-ambiguous"),
    "half.pdf": (pdf(pages=9)[:300], "file-truncated"),
    "linear-half.pdf": (saved(pdf(pages=300), linearize=True)[:9000], "file-truncated"),
    "no-pages.pdf": (pdf(pages=0), "file-unreadable"),
    "header-only.pdf": (b"%PDF-1.7\n", "file-truncated"),
    "header-and-end.pdf": (b"%PDF-1.7\n%%EOF\n", "file-unreadable"),
    "password.pdf": (saved(pdf(), encryption=pikepdf.Encryption(owner="a", user="b")), "file-encrypted"),
    "zip-behind.pdf": (pdf() + ZIP, "file-ambiguous"),
    "zip-inside.pdf": (pdf()[:-6] + ZIP + b"\n%%EOF\n", "file-ambiguous"),
    "tar-too.pdf": (b"%PDF-1.7\n".ljust(257, b" ") + b"ustar" + pdf(), "file-ambiguous"),
    "rar-behind.pdf": (pdf() + b"Rar!\x1a\x07\x01\x00", "file-ambiguous"),
    "zip-behind.png": (PNG + ZIP + b"\n", "file-ambiguous"),
    "zip-inside.png": (PNG[:-12] + box("zzZz", ZIP)[4:] + PNG[-12:], "file-ambiguous"),
    "pdf-behind.jpg": (JPEG + pdf(), "file-ambiguous"),
    "program-behind.gif": (GOOD["gambar.gif"] + b"MZ\x90\0 This program cannot", "file-ambiguous"),
    "script.gif": (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//", "file-ambiguous"),
    "nothing-behind.gif": (b"GIF89a" + bytes(20), "file-unreadable"),
    "nothing-behind.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "file-unreadable"),
    "nothing-behind.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40), "file-unreadable"),
    "nothing-behind.webp": (b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20), "file-unreadable"),
    "program-in.tif": (b"II*\0MZ\x90\0" + bytes(60) + b"This program cannot be run", "file-unreadable"),
    "cut-at-its-end.gif": (GOOD["gambar.gif"][:-1], "file-truncated"),
    "cut-near-its-end.gif": (GOOD["gambar.gif"][:-2], "file-truncated"),
    "half.jpg": (image("JPEG", quality=95)[:-60], "file-truncated"),
    "half.png": (PNG[:-30], "file-truncated"),
    "without-end.png": (PNG[:-12], "file-truncated"),
    "cut-at-its-end.png": (PNG[:-1], "file-truncated"),
    "brands-only.mp4": (film("isom")[:20], "file-unreadable"),
    "half.mp4": (MP4[:-30], "file-truncated"),
    "zip-inside.mp4": (MP4 + box("free", ZIP), "file-ambiguous"),
    "nothing-behind.heic": (HEIC[:24], "file-unreadable"),
    "html.docx": (archive({"[Content_Types].xml": b"<html>", "word/document.xml": b"<html>"}), "wrong-type"),
    "other-root.docx": (archive({**ooxml_parts("docx"), "word/document.xml": b"<html/>"}), "file-unreadable"),
    "no-xml.docx": (archive({**ooxml_parts("docx"), "word/document.xml": b"x"}), "file-unreadable"),
    "doctype.docx": (
        archive({**ooxml_parts("docx"), "word/document.xml": b"<!DOCTYPE a><a/>"}),
        "file-unreadable",
    ),
    "macro-name.docx": (archive({**ooxml_parts("docx"), "word/vbaProject.BIN": b"x"}), "file-macros"),
    "macro-link.docx": (
        archive(
            {**ooxml_parts("docx"), "word/apa-saja.dat": b"x", "word/_rels/document.xml.rels": MACRO_LINK}
        ),
        "file-macros",
    ),
    "macro-type.docx": (
        archive(
            {
                **ooxml_parts("docx", OVERRIDE.format("word/x.dat", "application/vnd.ms-office.vbaProject")),
                "word/x.dat": b"x",
            }
        ),
        "file-macros",
    ),
    "macro-default.docx": (
        archive(
            {
                **ooxml_parts(
                    "docx", '<Default Extension="DAT" ContentType="application/vnd.ms-office.vbaProject"/>'
                ),
                "word/x.dat": b"x",
            }
        ),
        "file-macros",
    ),
    "macro-sheet.xlsx": (
        archive(
            {
                **ooxml_parts("xlsx", OVERRIDE.format("xl/a.xml", "application/vnd.ms-excel.macrosheet+xml")),
                "xl/a.xml": b"<a/>",
            }
        ),
        "file-macros",
    ),
    "macro-object.docx": (archive({**ooxml_parts("docx"), "word/embeddings/o.bin": VBA}), "file-macros"),
    "docm-renamed.docx": (
        archive(ooxml_parts("docx", main_type="application/vnd.ms-word.document.macroEnabled.main+xml")),
        "file-macros",
    ),
    "part-twice.docx": (archive({**ooxml_parts("docx"), "WORD/document.xml": b"<a/>"}), "file-ambiguous"),
    "macro.odt": (archive({**odf_parts("text"), "Basic/Standard/Modul1.xml": b"<a/>"}), "file-macros"),
    "script.odt": (archive({**odf_parts("text"), "Scripts/python/a.py": b"x"}), "file-macros"),
    "listener.odt": (archive(odf_parts("text", LISTENER)), "file-macros"),
    "listener-in-object.odt": (
        archive({**odf_parts("text"), "Object 1/content.xml": odf_parts("text", LISTENER)["content.xml"]}),
        "file-macros",
    ),
    "basic-in-object.odt": (
        archive({**odf_parts("text"), "Object 1/Basic/Standard/Module1.xml": b"<a/>"}),
        "file-macros",
    ),
    "script-in-text.odt": (archive(odf_parts("text", SCRIPT)), "file-macros"),
    "script-by-link.odt": (archive(odf_parts("text", SCRIPT_LINK)), "file-macros"),
    "macro-embedded.docx": (
        archive({**ooxml_parts("docx"), "word/embeddings/a.docm": archive({"word/vbaProject.bin": b"x"})}),
        "file-macros",
    ),
    "password.odt": (
        archive({**odf_parts("text"), "META-INF/manifest.xml": b"<m><encryption-data/></m>"}),
        "file-encrypted",
    ),
    "macro.doc": (ole("WordDocument", others=[("VBA", b"")]), "file-macros"),
    "stomped.xls": (ole("Workbook", others=[("_VBA_PROJECT", b"")]), "file-macros"),
    "excel4.xls": (ole("Workbook", records(BOF, (0x85, b"\0\0\0\0\2\1\0\0"))), "file-macros"),
    "excel4-hidden.xls": (ole("Workbook", records(BOF, (0x0809, b"\0\6\x40\0"))), "file-macros"),
    "macro.ppt": (ole(PPT, struct.pack("<HHI", 0, 0x1011, len(VBA)) + VBA), "file-macros"),
    "password.doc": (ole("WordDocument", FIB + b"\x01", [("1Table", b"")]), "file-encrypted"),
    "password.xls": (ole("Workbook", records(BOF, (0x2F, bytes(6)))), "file-encrypted"),
    "password.ppt": (ole(PPT, others=[("Current User", bytes(12) + b"\xdf\xc4\xd1\xf3")]), "file-encrypted"),
    "password.docx": (under_password(DOCX, "rahasia"), "file-encrypted"),
    "half.doc": (ole("WordDocument", bytes(9000))[:4000], "file-truncated"),
    "cut-in-its-last-sector.doc": (ole_content_last("WordDocument", b"x" * 9000)[:-1], "file-truncated"),
    "cut-before-its-last-sector.doc": (
        ole_content_last("WordDocument", b"x" * 9000)[: -9000 % 512 - 512],
        "file-truncated",
    ),
    "cut-in-another-stream.doc": (
        ole("WordDocument", others=[("Data", b"x" * 9000)])[: 512 * 20],
        "file-truncated",
    ),
    "cut-in-its-table.doc": (ole("WordDocument")[:-1], "file-truncated"),
    "zip-behind.doc": (ole("WordDocument") + ZIP, "file-ambiguous"),
    "password.zip": (flagged(ZIP), "file-encrypted"),
    "jar.zip": (archive({"meta-inf/MANIFEST.MF": b"", "A.class": b"x"}), "wrong-type"),
    "apk.zip": (archive({"ANDROIDMANIFEST.XML": b"", "Classes.dex": b"x"}), "wrong-type"),
    "app.zip": (archive({"Payload/X.app/Info.plist": b""}), "wrong-type"),
    "empty.zip": (archive({}), "wrong-type"),
    "two.zip": (ZIP + ZIP, "file-ambiguous"),
    "half.zip": (ZIP[:-30], "file-truncated"),
    "cut-at-its-end.zip": (ZIP[:-1], "file-truncated"),
    "cut-at-its-end.docx": (DOCX[:-5], "file-truncated"),
    "pdf-behind.zip": (ZIP + pdf(), "file-ambiguous"),
    "html-behind.docx": (DOCX + b"<script>", "file-ambiguous"),
    "damaged.zip": (archive({"a": b"isi berkas"}).replace(b"isi", b"xxx", 1), "file-unreadable"),
}


@pytest.mark.parametrize("name", DISHONEST)
def test_what_only_pretends_is_refused_in_words(name: str) -> None:
    data, code = DISHONEST[name]
    assert judged(name, data)[0] == code


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
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video that is no MP4"),
        (b"\0\0\0\x08wide\0\0\0\x08mdat", "a video that is no MP4"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "an AVIF image"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1", "an AVIF image"),
        (b"Halo, dunia;1;2\r\n", "plain text"),
        ("\ufeffHalo, dunia".encode("utf-16-le"), "plain text"),
        ("Café".encode("cp1252"), "plain text"),
        (bytes(100), "nothing known"),
        (ole("__nameid_version1.0"), "a Windows file of no office kind"),
        (archive({"META-INF/MANIFEST.MF": b"", "A.class": b"x"}), "a program packed as a zip archive"),
        (archive({"mimetype": b"application/epub+zip"}), "a 'application/epub+zip' file"),
        (odf("graphics"), "a 'application/vnd.oasis.opendocument.graphics' file"),
        (
            archive(ooxml_parts("docx", main_type="application/vnd.ms-visio.drawing")),
            "an Office Open XML file",
        ),
        (archive(ooxml_parts("xlsx", main_type="application/vnd.ms-excel.sheet.binary")), "a binary Excel"),
        (archive(ooxml_parts("docx", main_type="x.wordprocessingml.template.main+xml")), "a template"),
    ],
)
def test_what_is_no_evidence_is_named(data: bytes, description: str) -> None:
    inspection = found(data)
    assert inspection.type is None
    assert inspection.description.startswith(description)


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (pdf(pages=7), 7),
        (saved(pdf(pages=7), linearize=True), 7),
        (PNG, 1),
        (HEIC, 1),
        (archive(ooxml_parts("pptx", inside="<sldIdLst><sldId/><sldId/></sldIdLst>")), 2),
        (archive(odf_parts("presentation", "<draw:page/><draw:page/>")), 2),
        (DOCX, None),
        (MP4, None),
    ],
)
def test_pages_are_counted_where_there_are_some(data: bytes, pages: int | None) -> None:
    assert found(data).pages == pages


def test_a_workbook_that_only_forbids_changes_is_looked_into() -> None:
    parts = {**ooxml_parts("xlsx"), "xl/media/a.bin": bytes(9000)}
    harmless, harmful = archive(parts), archive({**parts, "xl/vbaProject.bin": b""})
    assert judged("a.xlsx", under_password(harmless, "VelvetSweatshop")) == (None, ["restricted"])
    assert judged("a.xlsx", under_password(harmful, "VelvetSweatshop"))[0] == "file-macros"


def test_the_gravest_cause_is_said_first() -> None:
    parts = {**ooxml_parts("docx"), "word/vbaProject.bin": b"x"}
    assert judged("a.docx", archive(parts) + pdf())[0] == "file-macros"


def test_names_inside_cannot_write_into_the_words() -> None:
    parts = {**ooxml_parts("docx"), "word/\u202e\n" + "x" * 300 + "/vbaProject.bin": b"x"}
    (mark,) = found(archive(parts)).marks
    assert mark.what == "word/\\u202e\\n" + "x" * (120 - 13) + "…"


@given(st.sampled_from(sorted(GOOD)), st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_damage_makes_it_fail(name: str, data: st.DataObject) -> None:
    broken = bytearray(GOOD[name])
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=8)):
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(broken)))
    assert found(bytes(broken[:cut])).description


def test_signatures_read_no_more_than_readers_do() -> None:
    late = b"x" * 1020 + pdf()
    assert file_types.identify(late[: file_types.HEAD]).type is None
