"""The parts of a zip archive by the names that readers know them by."""

import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from lxml import etree

from services.intake.domain.inspection import UNREADABLE
from services.intake.inspection.notes import Notes

MOST_XML = 128 * 1024 * 1024
MOST_ELEMENTS = 3_000_000
"""Bytes and elements of XML that are gone through in all."""


def known_as(name: str) -> str:
    """A part's name without what readers pass over: case, backslashes, a leading slash or "./"."""
    return name.replace("\\", "/").removeprefix("./").lstrip("/").casefold()


class Parts:
    """The parts of an archive; of two that readers know by one name the first counts."""

    def __init__(self, archive: zipfile.ZipFile, notes: Notes) -> None:
        self.archive = archive
        self.entries = archive.infolist()
        self.comment = archive.comment
        self.names = [known_as(entry.filename) for entry in self.entries if not entry.is_dir()]
        self._by_name = {known_as(entry.filename): entry for entry in reversed(self.entries)}
        self._notes = notes
        self._bytes_left, self._elements_left = MOST_XML, MOST_ELEMENTS

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def read(self, name: str, most: int) -> bytes:
        """The first so many bytes of a part; KeyError when there is none of that name."""
        with self.archive.open(self._by_name[name]) as part:
            return part.read(most)

    def elements(self, name: str) -> Iterator[Any]:
        """Every element of a part of XML as it ends, to be looked at before the next; a mark when there are too many.

        KeyError without such a part; ValueError when it is no XML, or has declarations that readers refuse.
        """
        with self.archive.open(self._by_name[name]) as opened:
            part = _Beginning(opened, self._bytes_left)
            for element in islice(_parsed(part, name), self._elements_left):
                self._elements_left -= 1
                yield element
        self._bytes_left = part.left
        if part.is_cut or not self._elements_left:
            self._notes.mark("not-examined", f"{name} is longer than what is looked at")

    def document(self, name: str, roots: set[str]) -> Iterator[Any]:
        """Every element of a main part; a mark when its root is none of these."""
        is_first = True
        for element in self.elements(name):
            if is_first and local(element.getroottree().getroot()) not in roots:
                self._notes.mark(UNREADABLE, f"its main part is no {' or '.join(sorted(roots))}")
            is_first = False
            yield element


def local(element: Any) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


class _Beginning:
    """So many bytes of a part, after which it ends."""

    def __init__(self, part: IO[bytes], left: int) -> None:
        self._part, self.left = part, left
        self.is_cut = False

    def read(self, count: int) -> bytes:
        piece = self._part.read(min(count, self.left))
        self.left -= len(piece)
        self.is_cut = not piece and bool(count) and bool(self._part.read(1))
        return piece


def _parsed(part: _Beginning, name: str) -> Iterator[Any]:
    """Every element, whose memory is given back when the next one is asked for."""
    events = etree.iterparse(
        part,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for n, (_, element) in enumerate(events):
            if n == 0 and element.getroottree().docinfo.doctype and name != "meta-inf/manifest.xml":
                raise ValueError(f"{name} has a document type")
            yield element
            element.clear()
            while (before := element.getprevious()) is not None:
                element.getparent().remove(before)
    except etree.XMLSyntaxError as why:
        if not part.is_cut:
            raise ValueError(f"{name} is no XML") from why
