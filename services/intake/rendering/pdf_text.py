"""Text in PDF: on which pages it stands, and where."""

import ctypes
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2_raw as pdfium

from services.intake.rendering.pdf import Pdf

MOST_SECONDS = 3.0
MOST_HITS = 200
MOST_BOXES = 20
"""Hits in all, and boxes of each; a search that has taken so long, or found so many, says where to go on."""
WHOLE = 1_000_000
"""As how many points wide and high a page is looked at, so that places are whole numbers."""

Hit = dict[str, Any]


def find(file: BinaryIO, size: int, start: int, text: str) -> dict[str, Any]:
    """Where a text stands from that page on, whether in capitals or not."""
    until = time.monotonic() + MOST_SECONDS
    pdf, hits, has_text, number = Pdf(file, size), list[Hit](), False, start
    while number <= pdf.pages and len(hits) < MOST_HITS and (number == start or time.monotonic() < until):
        with pdf.page(number) as page:
            there = pdfium.FPDFText_LoadPage(page)
            has_text = has_text or pdfium.FPDFText_CountChars(there) > 0
            hits += [{"page": number, "boxes": boxes} for boxes in _places(page, there, text)]
            pdfium.FPDFText_ClosePage(there)
        number += 1
    return {
        "pages": pdf.pages,
        "hits": hits,
        "next": number if number <= pdf.pages else None,
        "has_text": has_text,
    }


def _places(page: Any, there: Any, text: str) -> Iterator[list[dict[str, float]]]:
    """The boxes of each place at which the text stands on a page."""
    encoded = f"{text}\0".encode("utf-16-le")
    wanted = ctypes.cast(ctypes.create_string_buffer(encoded), ctypes.POINTER(ctypes.c_ushort))
    search = pdfium.FPDFText_FindStart(there, wanted, 0, 0)
    for _ in range(MOST_HITS):
        if not pdfium.FPDFText_FindNext(search):
            break
        index, count = pdfium.FPDFText_GetSchResultIndex(search), pdfium.FPDFText_GetSchCount(search)
        lines = min(pdfium.FPDFText_CountRects(there, index, count), MOST_BOXES)
        yield [_box(page, there, line) for line in range(lines)]
    pdfium.FPDFText_FindClose(search)


def _box(page: Any, there: Any, line: int) -> dict[str, float]:
    """A box as fractions of the page as it is shown, turned and cut."""
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetRect(there, line, left, top, right, bottom)
    (x1, y1), (x2, y2) = _place(page, left, top), _place(page, right, bottom)
    return {
        "left": min(x1, x2),
        "top": min(y1, y2),
        "width": abs(x1 - x2),
        "height": abs(y1 - y2),
    }


def _place(page: Any, x: ctypes.c_double, y: ctypes.c_double) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, WHOLE, WHOLE, 0, x.value, y.value, across, down)
    return across.value / WHOLE, down.value / WHOLE
