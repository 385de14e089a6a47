"""Letters and web pages in one file (MIME), and what Word packs beside such pages: macros and objects as ActiveMime."""

import re
import zlib
from email.parser import BytesParser
from functools import partial
from io import BytesIO
from typing import BinaryIO

from services.intake.domain.file_types import HEAD, runs_by_name
from services.intake.domain.inspection import MACROS
from services.intake.inspection.compound import MAGIC, inspect_compound
from services.intake.inspection.inside import MOST_FILE
from services.intake.inspection.notes import Notes

_ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
"""How packed bytes begin; where they do differs between the programs that pack them."""


def inspect_mime(file: BinaryIO, _: int, notes: Notes) -> None:
    """Look at everything that goes with it."""
    notes.type = None
    file.seek(0)
    for part in BytesParser().parse(file).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = part.get_filename() or part.get_content_type()
            if runs_by_name(name):
                notes.mark("programs", name)
            notes.mark_inside(name, content[:HEAD], partial(bytes, content))


def inspect_active_mime(file: BinaryIO, size: int, notes: Notes) -> None:
    """Unpack it, and look for macros; where that cannot be done it is there to carry some."""
    notes.type = None
    file.seek(0)
    unpacked = _unpacked(file.read(min(size, MOST_FILE)))
    notes.inside.budget.unpacked -= len(unpacked)
    if unpacked:
        inspect_compound(BytesIO(unpacked), len(unpacked), notes)
    else:
        notes.mark(MACROS, "what is packed as ActiveMime cannot be looked into")


def _unpacked(data: bytes) -> bytes:
    """The old office file that is packed in it, as far as that goes; nothing when there is none."""
    for begin in _ZLIB.finditer(data):
        try:
            packed = memoryview(data)[begin.start() :]
            if zlib.decompressobj().decompress(packed, len(MAGIC)) == MAGIC:
                return zlib.decompressobj().decompress(packed, MOST_FILE)
        except zlib.error:
            continue
    return b""
