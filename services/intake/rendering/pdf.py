"""Pages of PDF, drawn by PDFium: without JavaScript, without forms that are filled in, and nothing is fetched."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pypdfium2_raw as pdfium
from PIL import Image

from services.intake.rendering.refused import DAMAGED, LOCKED, NO_PAGE, Refused
from services.intake.rendering.sizes import fit

WHITE = 0xFFFFFFFF


def initialise() -> None:
    """Have PDFium ready; it stays so."""
    pdfium.FPDF_InitLibrary()


class Pdf:
    """A document, whose bytes are read as they are needed; the process that opened it ends soon, and frees all."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        initialise()
        # PDFium calls back for as long as the document is open, so nobody may collect these.
        self._access = pdfium.FPDF_FILEACCESS()
        self._access.m_FileLen = size
        self._access.m_GetBlock = type(self._access.m_GetBlock)(self._read)
        self._document = pdfium.FPDF_LoadCustomDocument(self._access, None)
        if not self._document:
            is_locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            raise Refused(LOCKED if is_locked else DAMAGED)
        self.pages: int = pdfium.FPDF_GetPageCount(self._document)

    def _read(self, _: Any, at: int, into: Any, count: int) -> int:
        self._file.seek(at)
        data = self._file.read(count)
        ctypes.memmove(into, data, len(data))
        return int(len(data) == count)

    def check(self, number: int) -> None:
        """Refused when there is no such page, counted from 1."""
        if not 1 <= number <= self.pages:
            raise Refused(NO_PAGE, self.pages)

    @contextmanager
    def page(self, number: int) -> Iterator[Any]:
        """A page, counted from 1; Refused when it cannot be read."""
        page = self._load(number)
        try:
            yield page
        finally:
            pdfium.FPDF_ClosePage(page)

    def fill_in(self, number: int) -> None:
        """Make what stands in the fields of a page a part of it: signatures, too, are seen as fields only."""
        page = self._load(number)
        if any(_is_field(page, index) for index in range(pdfium.FPDFPage_GetAnnotCount(page))):
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        pdfium.FPDF_ClosePage(page)

    def _load(self, number: int) -> Any:
        page = pdfium.FPDF_LoadPage(self._document, number - 1)
        if not page:
            raise Refused(DAMAGED)
        return page


def _is_field(page: Any, index: int) -> bool:
    note = pdfium.FPDFPage_GetAnnot(page, index)
    return bool(pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET)


def draw_page(file: BinaryIO, size: int, number: int, width: int) -> Image.Image:
    """The image of a page, with the appearances of notes and signatures that its file holds."""
    document = Pdf(file, size)
    document.check(number)
    document.fill_in(number)
    with document.page(number) as page:
        across, down = fit(pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page), width)
        bitmap = pdfium.FPDFBitmap_CreateEx(across, down, pdfium.FPDFBitmap_BGR, None, 0)
        if not bitmap:
            raise MemoryError
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, WHITE)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, 0, flags)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * down)
        return Image.frombuffer("RGB", (across, down), pixels, "raw", "RGB", stride, 1)
