"""The objects of a PDF: every dictionary that may say something, wherever it stands, and the files attached to it."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import pikepdf

from services.intake.inspection.notes import Notes

MOST_OBJECTS = 100_000
MOST_NESTED = 200_000
"""Direct dictionaries and arrays that are gone through in all."""

_TELLING = re.compile(
    rb"/(?:EF|RF|EmbeddedFile|JS|JavaScript|Launch|SubmitForm|ImportData|GoTo[RE]|Thread|RichMedia\w*|OnInstantiate"
    rb"|XFA|OpenAction|AA)\b|/S \d+ \d+ R\b|/(?:URI|Base) ?(?:[<\d]|\([\s\\jvJV])"
)
"""What a dictionary of interest cannot do without: others are passed over, since a look at each takes long. Of a link
it is how an address begins that says nothing of its scheme, or may be that of a script."""


def telling(pdf: pikepdf.Pdf, notes: Notes) -> Iterator[pikepdf.Object]:
    """Every dictionary and stream that may say something, direct ones inside of others included."""
    numbers = pdf.get_xref_table()
    # One by one: the list of all objects reads all of them at once, for which a file may be too large.
    objects = (pdf.get_object(*number) for number in islice(numbers, MOST_OBJECTS))
    nested = chain.from_iterable(map(_nested, filter(_may_tell, objects)))
    yield pdf.trailer
    for obj in islice(nested, MOST_NESTED):
        if isinstance(obj, pikepdf.Dictionary | pikepdf.Stream):
            yield obj
    if next(nested, None) is not None or len(numbers) > MOST_OBJECTS:
        notes.mark("not-examined", f"it has more than {MOST_OBJECTS} objects")


def attached(objects: Iterable[pikepdf.Object]) -> list[tuple[str, pikepdf.Object]]:
    """The files among them that are attached: each a name ("" when none is known) and a stream."""
    found: dict[tuple[int, int], tuple[str, pikepdf.Object]] = {}
    for obj in objects:
        if obj.get("/Type") == "/EmbeddedFile" and isinstance(obj, pikepdf.Stream):
            found.setdefault(obj.objgen, ("", obj))
        # The last key is LibreOffice's, for the document of which the PDF was made.
        for key in ("/EF", "/RF", "/AdditionalStreams"):
            for stream in _streams(obj.get(key)):
                found[stream.objgen] = (_name(obj), stream)
    return list(found.values())


def content_of(stream: pikepdf.Object) -> bytes:
    """A stream's bytes, unpacked; none where that cannot be done."""
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:
        return b""


def _name(specification: pikepdf.Object) -> str:
    said = (specification.get(key) for key in ("/UF", "/F"))
    return next((str(name) for name in said if isinstance(name, pikepdf.String)), "")


def _streams(files: object) -> Iterator[pikepdf.Object]:
    """The streams in the dictionary of a file specification, or in its lists of related files."""
    for each in inside(files):
        for stream in inside(each) if isinstance(each, pikepdf.Array) else (each,):
            if isinstance(stream, pikepdf.Stream):
                yield stream


def _may_tell(obj: object) -> bool:
    if isinstance(obj, pikepdf.Stream):
        return "/F" in obj or bool(_TELLING.search(obj.stream_dict.unparse(resolved=True)))
    return isinstance(obj, pikepdf.Object) and bool(_TELLING.search(obj.unparse(resolved=True)))


def _nested(obj: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """An object and all direct ones inside of it; those that have a number of their own come by it."""
    waiting = [obj]
    while waiting:
        current = waiting.pop()
        yield current
        nested = (each for each in inside(current) if isinstance(each, pikepdf.Array | pikepdf.Dictionary))
        waiting.extend(each for each in nested if not each.is_indirect)


def inside(obj: object) -> list[object]:
    """What stands in a list, a dictionary or that of a stream; nothing where it is none."""
    if isinstance(obj, pikepdf.Array):
        return list(obj)
    return [value for _, value in obj.items()] if isinstance(obj, pikepdf.Dictionary | pikepdf.Stream) else []
