"""Small PDF files made on the spot: pages of text, and a scan of random bytes where one is to be large."""

from collections.abc import Sequence
from io import BytesIO
from secrets import token_bytes

from pydyf import PDF, Array, Dictionary, Stream

PAGE = Array([0, 0, 595, 842])  # A4, in points
FONT = Dictionary({"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"})


def pdf(pages: Sequence[Sequence[str]], scan: int = 0) -> bytes:
    """A PDF 1.7 with these pages of lines in ASCII; `scan` bytes stand in it as an attachment-like stream."""
    made, out = PDF(), BytesIO()
    resources = Dictionary({"Font": Dictionary({"F": FONT})})
    for lines in pages:
        text = _text(lines)
        made.add_object(text)
        entries = {"Type": "/Page", "Parent": made.pages.reference, "MediaBox": PAGE}
        made.add_page(Dictionary({**entries, "Resources": resources, "Contents": text.reference}))
    if scan:
        made.add_object(Stream([token_bytes(scan)]))
    made.write(out)
    return out.getvalue()


def _text(lines: Sequence[str]) -> Stream:
    text = Stream()
    text.begin_text()
    text.set_font_size("F", 12)
    text.move_text_to(56, 780)
    for line in lines:
        text.show_text_string(line)
        text.move_text_to(0, -18)
    text.end_text()
    return text
