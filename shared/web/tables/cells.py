"""What the cells of a workbook's sheet show, as text."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape

from shared.web.tables.layout import BROKEN, LONGEST_CELL, MOST_COLUMNS, NO_VALUE, Row

_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")


@dataclass(frozen=True)
class Sheet:
    """What is needed to read cells: the workbook's strings, the styles of dates, and the day from which it counts."""

    strings: Sequence[str]
    dates: Set[int]
    epoch: datetime

    def row(self, number: int, element: Any) -> Row | None:
        """A row of cells; None where none of them says anything."""
        texts, odd, place = dict[int, str](), dict[int, str](), -1
        for cell in element:
            place = _place(cell.get("r"), place + 1)
            text, what = self._read(cell) if len(cell) else ("", "")
            if text:
                texts[place] = text
            if what:
                odd[place] = what
        if not texts and not odd:
            return None
        last = max(texts.keys() | odd.keys())
        return Row(number, [texts.get(place, "") for place in range(last + 1)], odd)

    def _read(self, cell: Any) -> tuple[str, str]:
        """The text of a cell, and what is odd about it."""
        # lxml's own find is many times slower than a look at the few children.
        inner = {str(child.tag).rpartition("}")[2]: child for child in cell}
        kind, value = cell.get("t", "n"), inner["v"].text if "v" in inner else None
        if kind == "inlineStr":
            return text_of(inner["is"]) if "is" in inner else "", ""
        if not value:
            return "", NO_VALUE if "f" in inner and kind != "str" else ""
        if kind == "e":
            return value[:LONGEST_CELL], BROKEN
        if kind == "n" and int(cell.get("s", 0)) in self.dates:
            return self._date(float(value))
        return self._plain(kind, value)[:LONGEST_CELL].strip(), ""

    def _plain(self, kind: str, value: str) -> str:
        match kind:
            case "s":
                return self.strings[int(value)]
            case "b":
                return "true" if value.strip() == "1" else "false"
            case "n":
                number = float(value)
                return str(int(number)) if number.is_integer() else str(number)
            case _:
                return unescape(value)

    def _date(self, days: float) -> tuple[str, str]:
        try:
            found = from_excel(days, self.epoch)
        except (OverflowError, ValueError):
            return str(days), BROKEN
        if not isinstance(found, datetime):  # a time of day alone
            return str(found), ""
        is_day = found.time() == found.min.time()
        return found.date().isoformat() if is_day else found.isoformat(timespec="seconds"), ""


def text_of(element: Any) -> str:
    """The text of a string with formats, without what tells how it is spoken."""
    parts = (one.text or "" for one in element.iter("{*}t") if not one.getparent().tag.endswith("}rPh"))
    return str(unescape("".join(parts)))[:LONGEST_CELL].strip()


def _place(said: str | None, next: int) -> int:
    """The place of a cell in its row; all behind the columns that are looked at are one."""
    found = _PLACE.fullmatch(said or "")
    if found is None:
        return min(next, MOST_COLUMNS)
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return min(place - 1, MOST_COLUMNS)
