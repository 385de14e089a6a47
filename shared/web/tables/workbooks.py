"""Workbooks (.xlsx) as rows of text, read piece by piece and within bounds, whatever they claim to be.

Spreadsheet libraries hold a sheet as a square of cells, or need several passes; what a date is, they know.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from shared.core.errors import Invalid
from shared.web.tables.cells import Sheet, text_of
from shared.web.tables.layout import Layout, Row, Table, laid_out

MOST_UNPACKED = 10_000_000
"""Bytes of all parts of a workbook, unpacked: 2,000 rows have half a million."""
MOST_PARTS = 500
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, etree.LxmlError, EOFError, NotImplementedError, RuntimeError),
    *(LookupError, ValueError, OverflowError),
)
"""What a workbook that somebody changed by hand may raise."""
_OFFICE = "/officeDocument"
_WORKSHEET = "/worksheet"


def read_workbook(body: bytes, layout: Layout) -> Table:
    """The rows of the first sheet that is shown and says something; Invalid says why it cannot be read.

    Cells are what they show: a formula is its value, a day `2026-01-31`, a moment `2026-01-31T23:59:00`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check_size(archive.infolist())
            name, rows = _first(_Workbook(archive))
            return laid_out(rows, layout, name)
    except _DAMAGE as why:
        raise _unreadable() from why


def _first(book: "_Workbook") -> tuple[str, Iterator[Row]]:
    """The name and the rows of the first sheet that has any."""
    for name, rows in book.sheets():
        for first in rows:
            return name, chain([first], rows)
    return "", iter(())


def _check_size(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what would unpack to too much; a part never gives more bytes than its header says here."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid(
            "The workbook is far larger than 2,000 rows need. Copy the rows into the template, and send that: what "
            "was formatted below and beside them stays behind.",
            "workbook-too-large",
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise _unreadable()


@dataclass(frozen=True)
class _Relation:
    type: str
    target: str


class _Workbook:
    """The parts of a workbook, found by their relations."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        root = self._relations("")
        self._main = next(one.target for one in root.values() if one.type.endswith(_OFFICE))
        self._related = self._relations(self._main)

    def sheets(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """The sheets of cells that are shown, with their names."""
        book = etree.fromstring(self._archive.read(self._main), etree.XMLParser(resolve_entities=False))
        settings = book.find("{*}workbookPr")
        is_mac = settings is not None and settings.get("date1904") in ("1", "true")
        how = Sheet(self._strings(), self._dates(), MAC_EPOCH if is_mac else WINDOWS_EPOCH)
        for sheet in book.iterfind("{*}sheets/{*}sheet"):
            id = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")
            relation = self._related.get(str(id))
            if relation and relation.type.endswith(_WORKSHEET) and sheet.get("state", "visible") == "visible":
                yield str(sheet.get("name", "")), self._rows(relation.target, how)

    def _rows(self, part: str, how: Sheet) -> Iterator[Row]:
        number = 0
        for element in self._elements(part, "{*}row"):
            number = int(element.get("r", number + 1))
            if row := how.row(number, element):
                yield row

    def _strings(self) -> list[str]:
        part = self._part("/sharedStrings")
        return [text_of(one) for one in self._elements(part, "{*}si")] if part else []

    def _dates(self) -> frozenset[int]:
        """The styles by which a number is a date, by their places."""
        part = self._part("/styles")
        if not part:
            return frozenset()
        styles = etree.fromstring(self._archive.read(part), etree.XMLParser(resolve_entities=False))
        formats: dict[str, Any] = {str(id): text for id, text in BUILTIN_FORMATS.items()}
        formats |= {one.get("numFmtId"): one.get("formatCode") for one in styles.iter("{*}numFmt")}
        used = styles.iterfind("{*}cellXfs/{*}xf")
        return frozenset(
            place for place, one in enumerate(used) if is_date_format(formats.get(one.get("numFmtId", "0")))
        )

    def _part(self, type: str) -> str | None:
        return next((one.target for one in self._related.values() if one.type.endswith(type)), None)

    def _relations(self, part: str) -> dict[str, _Relation]:
        """What a part ("": the whole) is related to, by the relation's id."""
        folder, name = posixpath.split(part)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        return {
            str(one.get("Id")): _Relation(one.get("Type", ""), _target(folder, one.get("Target", "")))
            for one in self._elements(place, "{*}Relationship")
            if one.get("TargetMode") != "External"
        }

    def _elements(self, part: str, tag: str) -> Iterator[Any]:
        """The elements of that name one after the other, each forgotten when the next comes."""
        with self._archive.open(part) as file:
            found = etree.iterparse(file, events=("end",), tag=tag, resolve_entities=False, no_network=True)
            for _, element in found:
                yield element
                element.clear()
                while (before := element.getprevious()) is not None:
                    before.getparent().remove(before)


def _target(folder: str, said: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, said)).lstrip("/")


def _unreadable() -> Invalid:
    return Invalid(
        "The workbook cannot be read, or is locked by a password. Open it with a spreadsheet, save it as .xlsx "
        "without a password, and send that.",
        "bad-workbook",
    )
