"""Small files of every kind, made on the spot, and some that are not what they say."""

import io
import struct
import zipfile
from collections.abc import Mapping
from hashlib import sha256

ZIPPED_AT = (2026, 1, 1, 0, 0, 0)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def pdf(text: str = "Bukti pendukung", size: int = 0) -> bytes:
    """A PDF that says something, padded to a size with a comment."""
    head = f"%PDF-1.7\n% {text}\n1 0 obj<</Type/Catalog>>endobj\n".encode()
    tail = b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return head + b"%" + b"x" * max(size - len(head) - len(tail) - 1, 0) + tail


def archive(entries: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for name, content in entries.items():
            into.writestr(zipfile.ZipInfo(name, ZIPPED_AT), content)
    return made.getvalue()


def ooxml(*parts: str) -> bytes:
    """An Office Open XML file with such parts."""
    return archive(
        {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<R/>", **dict.fromkeys(parts, b"<x/>")}
    )


def odf(kind: str) -> bytes:
    """An OpenDocument file of a kind such as text."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": mimetype, "content.xml": b"<x/>"})


def ole(stream: str, directory: int = 1) -> bytes:
    """A compound file with one stream; its directory's second sector, which names it, stands `directory` on."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    fat = [0xFFFFFFFD] + [0xFFFFFFFE] * 127
    fat[1] = 1 + directory
    rows = [
        _row("Root Entry").ljust(512, b"\0"),
        *[bytes(512)] * (directory - 1),
        _row(stream).ljust(512, b"\0"),
    ]
    return bytes(header) + struct.pack("<128I", *fat) + b"".join(rows)


def _row(name: str) -> bytes:
    text = name.encode("utf-16-le")
    return text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + bytes(62)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(64)
DOCX = ooxml("word/document.xml")
GOOD: dict[str, bytes] = {
    "surat.pdf": pdf(),
    "foto.png": PNG,
    "foto.JPG": JPEG,
    "gambar.gif": b"GIF89a" + bytes(20),
    "gambar.webp": b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20),
    "pindai.tif": b"II*\0" + bytes(20),
    "ponsel.heic": b"\x00\x00\x00\x18ftypheic" + bytes(20),
    "nota.docx": DOCX,
    "tabel.xlsx": ooxml("xl/workbook.xml"),
    "paparan.pptx": ooxml("ppt/presentation.xml"),
    "nota.odt": odf("text"),
    "tabel.ods": odf("spreadsheet"),
    "paparan.odp": odf("presentation"),
    "lama.doc": ole("WordDocument"),
    "lama.xls": ole("Workbook", directory=3),
    "lama.ppt": ole("PowerPoint Document"),
    "kumpulan.zip": archive({"a.txt": b"a", "b/c.pdf": pdf()}),
    "rekaman.mp4": MP4,
}
