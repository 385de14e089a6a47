"""Small files of every kind, made on the spot, that their usual programs open."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from PIL import Image

ZIPPED_AT = (2026, 1, 1, 0, 0, 0)
OFFICE = "application/vnd.openxmlformats-officedocument."
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO, FREE, END, FATS, DIFS = 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def pdf(text: str = "Bukti pendukung", size: int = 0, pages: int = 1) -> bytes:
    """A PDF of so many pages that says something, padded to a size with a comment."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>",
        *["<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * pages,
    ]
    made = bytearray(f"%PDF-1.7\n% {text}\n".encode())
    places = []
    for n, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{n} 0 obj{each}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)

    def tail(start: int) -> bytes:
        count = len(objects) + 1
        return (
            f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size {count}>>\n"
            f"startxref\n{start}\n%%EOF\n"
        ).encode()

    room = max(size - len(made) - len(tail(max(size, len(made)))) - 2, 0)
    made += b"%" + b"x" * room + b"\n"
    return bytes(made) + tail(len(made))


def archive(entries: Mapping[str, bytes], packed: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as into:
        for name, content in entries.items():
            into.writestr(zipfile.ZipInfo(name, ZIPPED_AT), content, packed)
    return made.getvalue()


def image(kind: str, **options: Any) -> bytes:
    """An image of a few pixels in a format of Pillow's."""
    made = io.BytesIO()
    Image.new("RGB", (16, 12), "navy").save(made, kind, **options)
    return made.getvalue()


KINDS = {
    "docx": (
        "word/document.xml",
        "wordprocessingml.document.main+xml",
        "wordprocessingml/2006/main",
        "document",
    ),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml", "spreadsheetml/2006/main", "workbook"),
    "pptx": (
        "ppt/presentation.xml",
        "presentationml.presentation.main+xml",
        "presentationml/2006/main",
        "presentation",
    ),
}


def ooxml_parts(kind: str, said: str = "", inside: str = "", main_type: str = "") -> dict[str, bytes]:
    """The parts of an Office Open XML file; `said` are further content types, `inside` is its main part's content."""
    main, type, namespace, root = KINDS[kind]
    types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{main_type or OFFICE + type}"/>{said}</Types>'
    )
    return {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": relations(("officeDocument", main)),
        main: f'<{root} xmlns="http://schemas.openxmlformats.org/{namespace}">{inside}</{root}>'.encode(),
    }


def relations(*pairs: tuple[str, str], mode: str = "Internal") -> bytes:
    """A part of relationships, each of a type and a target."""
    rows = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/{type}" Target="{target}" TargetMode="{mode}"/>'
        for n, (type, target) in enumerate(pairs)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'.encode()


def ooxml(kind: str) -> bytes:
    """An Office Open XML file."""
    return archive(ooxml_parts(kind))


def odf_parts(kind: str, inside: str = "") -> dict[str, bytes]:
    """The parts of an OpenDocument file of a kind such as text."""
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    )
    return {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
        "content.xml": f"<office:document-content {names}>{inside}</office:document-content>".encode(),
        "META-INF/manifest.xml": b'<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    }


def odf(kind: str) -> bytes:
    """An OpenDocument file of a kind such as text."""
    return archive(odf_parts(kind))


def ole(stream: str, content: bytes = b"", others: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """A compound file with this stream, padded to the 4 kB from which streams have sectors of their own, and others."""
    streams = [(stream, content), *others]
    sizes = [-(-max(len(data), 4096) // 512) for _, data in streams]
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    rows = 1 + len(streams)
    directory, folder = sum(sizes), -(-rows // 4)
    fat_n = _sectors_of_fat(directory + folder)
    difat_n = max(0, -(-(fat_n - 109) // 127))
    first_fat = directory + folder
    fat: list[int] = []
    for size in (*sizes, folder):
        fat += [*range(len(fat) + 1, len(fat) + size), END]
    fat += [FATS] * fat_n + [DIFS] * difat_n
    fat += [FREE] * (fat_n * 128 - len(fat))
    entries = [_row("Root Entry", 5, child=1)]
    for n, (name, data) in enumerate(streams):
        entries.append(
            _row(
                name,
                2,
                right=n + 2 if n + 1 < len(streams) else NO,
                start=starts[n],
                size=max(len(data), 4096),
            )
        )
    entries += [bytes(128)] * (folder * 4 - rows)
    fats = list(range(first_fat, first_fat + fat_n))
    difat = _difat(fats, first_fat + fat_n, difat_n)
    header = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    first_difat = first_fat + fat_n if difat_n else END
    header += struct.pack("<9I", 0, fat_n, directory, 0, 4096, END, 0, first_difat, difat_n)
    header += struct.pack("<109I", *(fats + [FREE] * 109)[:109])
    body = b"".join(data.ljust(size * 512, b"\0") for (_, data), size in zip(streams, sizes, strict=True))
    return header + body + b"".join(entries) + struct.pack(f"<{len(fat)}I", *fat) + difat


def ole_content_last(stream: str, content: bytes) -> bytes:
    """A compound file that ends with what this stream says, in a last sector that is not filled."""
    size = max(len(content), 4096)
    count = -(-size // 512)
    header = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    fat = [FATS, END, *range(3, 2 + count), END]
    table = struct.pack("<128I", *fat, *[FREE] * (128 - len(fat)))
    rows = _row("Root Entry", 5, child=1) + _row(stream, 2, start=2, size=size) + bytes(256)
    return header + table + rows + content.ljust(size, b"\0")


def _sectors_of_fat(sectors: int) -> int:
    fat_n = 1
    while fat_n * 128 < sectors + fat_n + max(0, -(-(fat_n - 109) // 127)):
        fat_n += 1
    return fat_n


def _difat(fats: list[int], first: int, count: int) -> bytes:
    made = b""
    for n in range(count):
        part = fats[109 + n * 127 : 109 + (n + 1) * 127]
        part += [FREE] * (127 - len(part)) + [first + n + 1 if n + 1 < count else END]
        made += struct.pack("<128I", *part)
    return made


def _row(name: str, kind: int, right: int = NO, child: int = NO, start: int = END, size: int = 0) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, NO, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size if kind == 2 else 0)


def box(name: str, content: bytes = b"") -> bytes:
    """A box of a film."""
    return struct.pack(">I", 8 + len(content)) + name.encode() + content


MOOV = box("moov", box("mvhd", bytes(100)) + box("trak", box("tkhd", bytes(84))))


def film(major: str, *compatible: str) -> bytes:
    """A film of these brands in which nothing moves."""
    brands = major.encode() + bytes(4) + "".join(compatible).encode()
    return box("ftyp", brands) + MOOV + box("mdat", bytes(64))


CODED = b"\0\0\0\x08\x28\x01" + bytes(6)


def heic(*brands: bytes, kind: bytes = b"hvc1", picture: bytes = CODED, at: int = 0) -> bytes:
    """A picture as telephones take it, of which no more than the beginning is there."""
    first = box("ftyp", (brands or (b"heic",))[0] + bytes(4) + b"".join(brands or (b"mif1", b"heic")))

    def meta(place: int) -> bytes:
        row = box("infe", struct.pack(">IHH4sx", 2 << 24, 1, 0, kind))
        return box(
            "meta",
            bytes(4)
            + box("hdlr", bytes(8) + b"pict" + bytes(13))
            + box("pitm", struct.pack(">IH", 0, 1))
            + box("iinf", struct.pack(">IH", 0, 1) + row)
            + box("iloc", struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, place, len(picture))),
        )

    place = len(first) + len(meta(0)) + 8
    return first + meta(at or place) + box("mdat", picture)


PNG = image("PNG")
JPEG = image("JPEG")
MP4 = film("isom", "isom", "mp41")
HEIC = heic()
DOCX = ooxml("docx")
GOOD: dict[str, bytes] = {
    "surat.pdf": pdf(),
    "foto.png": PNG,
    "foto.JPG": JPEG,
    "gambar.gif": image("GIF"),
    "gambar.webp": image("WEBP"),
    "pindai.tif": image("TIFF"),
    "ponsel.heic": HEIC,
    "nota.docx": DOCX,
    "tabel.xlsx": ooxml("xlsx"),
    "paparan.pptx": ooxml("pptx"),
    "nota.odt": odf("text"),
    "tabel.ods": odf("spreadsheet"),
    "paparan.odp": odf("presentation"),
    "lama.doc": ole("WordDocument"),
    "lama.xls": ole("Workbook"),
    "lama.ppt": ole("PowerPoint Document"),
    "kumpulan.zip": archive({"a.txt": b"a", "b/c.pdf": pdf()}),
    "rekaman.mp4": MP4,
}
