"""What a file is: by its first bytes, and then by the library made for it."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import BinaryIO

from services.intake.domain import file_types
from services.intake.domain.inspection import UNREADABLE, Inspection
from services.intake.inspection.archives import inspect_archive
from services.intake.inspection.boxes import inspect_boxes
from services.intake.inspection.compound import inspect_compound
from services.intake.inspection.images import FORMATS, inspect_image
from services.intake.inspection.inside import Inside
from services.intake.inspection.mime import inspect_active_mime, inspect_mime
from services.intake.inspection.notes import Notes
from services.intake.inspection.pdf import inspect_pdf
from services.intake.inspection.pieces import read_at

Inspector = Callable[[BinaryIO, int, Notes], BinaryIO | None]

INSPECTORS: Mapping[str, Inspector] = {
    "pdf": inspect_pdf,
    **dict.fromkeys(FORMATS, inspect_image),
    "heic": inspect_boxes,
    "mp4": inspect_boxes,
    file_types.ARCHIVE: inspect_archive,
    file_types.COMPOUND: inspect_compound,
    file_types.MIME: inspect_mime,
    file_types.ACTIVE_MIME: inspect_active_mime,
}


def inspect_file(file: BinaryIO, size: int, inside: Inside | None = None) -> Inspection:
    """What the file is; whatever its library stumbles over is said as a mark, never raised."""
    inside = inside or Inside(inspect_data)
    signature = file_types.identify(read_at(file, 0, file_types.HEAD))
    notes = Notes(signature.type, signature.description, inside)
    inspect = INSPECTORS.get(signature.type or "")
    if inspect is None:
        return notes.done()
    try:
        opened = inspect(file, size, notes)
        return _inspect_opened(opened, notes) if opened else notes.done()
    except MemoryError:
        notes.mark(UNREADABLE, "opening it takes more memory than a file may")
    except Exception as why:  # a library met what it does not know, and so will a reader
        notes.mark(UNREADABLE, f"{type(why).__name__}: {why}")
    return notes.done()


def _inspect_opened(opened: BinaryIO, outer: Notes) -> Inspection:
    """What stands inside under a password that everybody's program knows."""
    found = inspect_file(opened, opened.seek(0, 2), outer.inside)
    outer.mark("restricted", "changing it is forbidden")
    return Inspection(found.type, found.description, found.pages, (*outer.done().marks, *found.marks))


def inspect_data(data: bytes, inside: Inside) -> Inspection:
    """What a file inside another one is."""
    return inspect_file(BytesIO(data), len(data), inside)
