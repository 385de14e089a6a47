"""Small PDF files made on the spot: pages of text, and a scan of random bytes where one is to be large."""

from collections.abc import Sequence
from secrets import token_bytes

PAGE = "0 0 595 842"  # A4, in points


def pdf(pages: Sequence[Sequence[str]], scan: int = 0) -> bytes:
    """A PDF 1.7 with these pages of lines; `scan` bytes stand in it as an attachment-like stream."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]/MediaBox[{PAGE}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, lines in enumerate(pages):
        resources = "<</Font<</F 3 0 R>>>>"
        contents = f"/Contents {5 + 2 * number} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/Resources{resources}{contents}>>".encode())
        objects.append(_stream(_text(lines)))
    return _file([*objects, _stream(token_bytes(scan))] if scan else objects)


def _text(lines: Sequence[str]) -> bytes:
    shown = "".join(f"({_escaped(line)})Tj T*\n" for line in lines)
    return f"BT /F 12 Tf 56 780 Td 18 TL\n{shown}ET".encode("cp1252", "replace")


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, rows)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
