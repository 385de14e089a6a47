"""A file that somebody filled in with a spreadsheet, whichever kind of file it became."""

from shared.core.errors import Invalid
from shared.web.tables.csvs import read_csv
from shared.web.tables.layout import Layout, Table

_WORKBOOK = b"PK\x03\x04"
_OTHER = {b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password", b"%PDF": "a PDF"}


def read_table(body: bytes, layout: Layout) -> Table:
    """The rows of a CSV text or a workbook; Invalid says what it is instead, or which line is wrong."""
    if not body.strip():
        raise Invalid("The file is empty: choose one with rows.", "empty-file")
    for magic, what in _OTHER.items():
        if body.startswith(magic):
            raise Invalid(f"This is {what}. Save it as .xlsx or CSV UTF-8, and send that.", "not-a-table")
    if body.startswith(_WORKBOOK):
        # What reads workbooks takes as long to load as the rest of a service, and few processes ever need it.
        from shared.web.tables.workbooks import read_workbook

        return read_workbook(body, layout)
    return read_csv(body, layout)
