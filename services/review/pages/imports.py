"""A list of assessors from a file: sent, looked at row by row, then set by a second click."""

from functools import partial

import flask
from flask_babel import gettext, lazy_gettext

from services.review import commands
from services.review.pages.appointing import ASKS
from services.review.pages.ministry import ASSESSORS, blueprint
from services.review.queries import roster
from services.review.schemas import tables
from shared import web
from shared.auth.guard import audience, caller
from shared.web import imports
from shared.web.frame import ministry_frame
from shared.web.imports import Kind
from shared.web.importwords import moment_meaning
from shared.web.tables import Column

PLACE = "/review/imports/assessors"
MEANT = {
    **ASKS,
    "id": lazy_gettext("Write small letters, digits and hyphens, a letter or digit first, such as ani-s."),
    "employer": lazy_gettext("Write the id of an agency, such as kota-contoh, or leave it empty."),
}
Answer = flask.typing.ResponseReturnValue

pages = blueprint("imports")


@pages.get("/imports/assessors")
@audience("ministry")
def import_form() -> str:
    """Where a list of assessors is chosen."""
    return imports.form(_kind())


@pages.post("/imports/assessors")
@web.counted("120/hour")
@audience("ministry")
def send_assessors() -> Answer:
    """Take a list of assessors, and lead to what it would do."""
    return imports.take(_kind())


@pages.get("/imports/assessors/template.<ending>")
@audience("ministry")
def import_template(ending: str) -> Answer:
    """An empty list of assessors to fill in."""
    return imports.template(_kind(), ending)


@pages.get("/imports/assessors/<token>")
@audience("ministry")
def import_preview(token: str) -> str:
    """What a list of assessors would do."""
    return imports.preview(_kind(), token)


@pages.post("/imports/assessors/<token>")
@audience("ministry")
def apply_import(token: str) -> Answer:
    """Do what was shown."""
    return imports.apply(_kind(), token)


def _kind() -> Kind:
    return Kind(
        name="assessors",
        place=PLACE,
        back=ASSESSORS,
        crumbs=[{"text": str(gettext("Assessors")), "href": ASSESSORS}],
        title=str(gettext("Import assessors")),
        layout=tables.ASSESSORS,
        columns=_columns(),
        asks=MEANT,
        frame=partial(ministry_frame, ASSESSORS),
        preview=lambda source, table: web.run(
            commands.preview_assessors, source, tables.assessor_rows_of(table, caller().issuer)
        ),
        find=lambda token: web.query(roster.get_assessors_import, caller(), token),
        apply=lambda token: web.run(commands.apply_assessors, token),
    )


def _columns() -> list[Column]:
    return [
        Column(
            "id",
            str(
                gettext("A short name for the assessor: small letters, digits and hyphens; it never changes.")
            ),
            "ani-s",
        ),
        Column("name", str(gettext("The person's name, on one line.")), "Ani Suryani"),
        Column("subject", str(gettext("How the identity provider knows the person.")), "c9f0f895-fb98"),
        Column("since", moment_meaning(gettext("Since when the person is appointed.")), "2026-01-01"),
        Column(
            "employer",
            str(gettext("The id of the agency for which the person works: its cases stay shut.")),
            "kota-contoh",
        ),
        Column(
            "until",
            moment_meaning(
                gettext("Until when; a day alone means its end, left empty: until further notice.")
            ),
            "2026-12-31",
        ),
    ]
