"""PDFs whose pages show something, and such as would harm whoever draws them."""

import io
import zlib
from collections.abc import Mapping, Sequence

import pikepdf

A4 = "0 0 595 842"
FONTS = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"


def written(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, of which the first is its catalogue."""
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj" % number + each + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return bytes(made) + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)


def stream(content: bytes, entries: str = "") -> bytes:
    """A stream, with what its dictionary says beside its length."""
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def document(
    *contents: str,
    box: str = A4,
    resources: str = FONTS,
    page: str = "",
    catalog: str = "",
    others: Mapping[int, bytes] | None = None,
) -> bytes:
    """A PDF with a page for each content, and other objects by their numbers, from 1,000 on."""
    pages = len(contents)
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(pages))
    made = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
    ]
    for n, content in enumerate(contents):
        said = f"/MediaBox[{box}]/Contents {4 + 2 * n} 0 R/Resources<<{resources}>>{page}"
        made += [f"<</Type/Page/Parent 2 0 R{said}>>".encode(), stream(content.encode())]
    if others:
        made += [b"null"] * (999 - len(made))
        made += [others.get(number, b"null") for number in range(1000, max(others) + 1)]
    return written(made)


def text(*lines: str, size: int = 11) -> str:
    """The content of a page with these lines."""
    said = (f"BT /F {size} Tf 56 {780 - 14 * n} Td ({line}) Tj ET" for n, line in enumerate(lines))
    return "\n".join(said)


def packed(content: bytes, times: int, entries: str) -> bytes:
    """A stream of so many times that content, packed."""
    packer = zlib.compressobj(9)
    made = b"".join(packer.compress(content) for _ in range(times)) + packer.flush()
    return stream(made, f"{entries}/Filter/FlateDecode")


def form(content: str, resources: str = "") -> bytes:
    """A form, which a page or another form may draw."""
    said = f"/Type/XObject/Subtype/Form/BBox[{A4}]/Resources<<{resources}>>"
    return stream(content.encode(), said)


def locked(data: bytes, user: str = "rahasia") -> bytes:
    """The same PDF under a password."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.save(made, encryption=pikepdf.Encryption(owner="pemilik", user=user))
    return made.getvalue()


def nested(depth: int, times: int) -> bytes:
    """A page whose form draws the next form so many times, and that one the next."""
    last = 1000 + depth
    others = {
        number: form("/X Do " * times, f"/XObject<</X {number + 1} 0 R>>") for number in range(1000, last)
    }
    return document(
        "/X Do", resources="/XObject<</X 1000 0 R>>", others={**others, last: form("0 0 9 9 re f")}
    )
