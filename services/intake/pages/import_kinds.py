"""What may be imported: its columns, where its pages lie and lead to, and what previews it, finds that and does it."""

from collections.abc import Callable, Mapping
from functools import partial

from flask_babel import gettext, lazy_gettext

from services.intake import commands
from services.intake.domain import GROUPS
from services.intake.pages.forms import WORDS
from services.intake.pages.indices import INDICES
from services.intake.pages.indices import WORDS as INDEX_WORDS
from services.intake.pages.ministry import AGENCIES, CYCLES
from services.intake.pages.people import PEOPLE
from services.intake.queries import imports, indices, rounds
from services.intake.schemas import tables
from shared import web
from shared.auth.guard import caller
from shared.core.people import AGENCY_ROLES
from shared.web.frame import ministry_frame
from shared.web.imports import Kind
from shared.web.importwords import moment_meaning
from shared.web.tables import Column

PLACE = "/intake/imports"


ASKS: Mapping[str, object] = {
    **WORDS,
    "agency": lazy_gettext("Write the agency's id, such as kota-contoh."),
    "activity": lazy_gettext("Write an activity of the edition."),
    "subject": lazy_gettext("Write at most 300 characters."),
}
"""What columns ask for."""


def agencies() -> Kind:
    """Agencies."""
    return Kind(
        name="agencies",
        place=f"{PLACE}/agencies",
        back=AGENCIES,
        crumbs=[{"text": str(gettext("Agencies")), "href": AGENCIES}],
        title=str(gettext("Import agencies")),
        layout=tables.AGENCIES,
        columns=[
            Column("id", str(gettext("The agency's id: small letters, digits and hyphens.")), "kota-contoh"),
            Column("name", str(gettext("How the agency is called, on one line.")), "Pemerintah Kota Contoh"),
            Column("group", str(gettext("One of %(groups)s.", groups=", ".join(GROUPS))), "Kota", GROUPS),
            Column("since", moment_meaning(gettext("Since when the agency exists.")), "2026-01-01"),
            Column(
                "until",
                moment_meaning(gettext("When it ended; left empty as long as it exists.")),
                "",
            ),
        ],
        asks=ASKS,
        frame=partial(ministry_frame, AGENCIES),
        preview=lambda source, table: web.run(
            commands.preview_agencies, source, tables.agency_rows_of(table)
        ),
        find=lambda token: web.query(imports.get_agencies_import, caller(), token),
        apply=lambda token: web.run(commands.apply_agencies, token),
    )


def participations(cycle: str) -> Kind:
    """Those who take part in a cycle; NotFound."""
    found, edition = web.query(rounds.get_planned, cycle)
    activities = tuple(activity.key for activity in edition.activities)
    list = f"{CYCLES}/{cycle}/participations"
    return Kind(
        name="participations",
        place=f"{PLACE}/participations/{cycle}",
        back=list,
        crumbs=[
            {"text": found.title, "href": f"{CYCLES}/{cycle}"},
            {"text": str(gettext("Agencies that take part")), "href": list},
        ],
        title=str(gettext("Import who takes part")),
        layout=tables.PARTICIPATIONS,
        columns=_participation_columns(activities),
        asks=ASKS,
        frame=partial(ministry_frame, CYCLES),
        preview=lambda source, table: web.run(
            commands.preview_participations, cycle, source, tables.participation_rows_of(table, cycle)
        ),
        find=lambda token: web.query(imports.get_participations_import, caller(), cycle, token),
        apply=lambda token: web.run(commands.apply_participations, cycle, token),
    )


def _participation_columns(activities: tuple[str, ...]) -> list[Column]:
    later = gettext("Its own deadline; left empty: the cycle's, or the one that it has.")
    return [
        Column("agency", str(gettext("The id of an agency that is known.")), "kota-contoh"),
        Column(
            "activity",
            str(gettext("One of %(activities)s.", activities=", ".join(activities))),
            activities[0],
            activities,
        ),
        Column(
            "visit",
            str(gettext("Whether it is visited: ya or tidak; left empty: no.")),
            "tidak",
            ("ya", "tidak"),
        ),
        Column("deadline", moment_meaning(later), ""),
    ]


def people() -> Kind:
    """Roles of people at agencies."""
    return Kind(
        name="people",
        place=f"{PLACE}/people",
        back=PEOPLE,
        crumbs=[{"text": str(gettext("People")), "href": PEOPLE}],
        title=str(gettext("Import people of agencies")),
        layout=tables.PEOPLE,
        columns=[
            Column(
                "subject",
                str(gettext("By what the identity provider knows the person (“sub” in its tokens).")),
                "8f14e45f-ceea",
            ),
            Column(
                "role",
                str(gettext("One of %(roles)s; no role is taken away.", roles=", ".join(AGENCY_ROLES))),
                "clerk",
                tuple(AGENCY_ROLES),
            ),
            Column("agency", str(gettext("The id of an agency that is known.")), "kota-contoh"),
        ],
        asks=ASKS,
        frame=partial(ministry_frame, PEOPLE),
        preview=lambda source, table: web.run(commands.preview_people, source, tables.people_rows_of(table)),
        find=lambda token: web.query(imports.get_people_import, caller(), token),
        apply=lambda token: web.run(commands.apply_people, token),
    )


def external_indices() -> Kind:
    """Indices of other ministries."""
    sources = tuple(web.query(indices.get_sources))
    return Kind(
        name="external-indices",
        place=f"{PLACE}/external-indices",
        back=INDICES,
        crumbs=[
            {"text": str(gettext("Cycles")), "href": CYCLES},
            {"text": str(gettext("External indices")), "href": INDICES},
        ],
        title=str(gettext("Import external indices")),
        layout=tables.INDICES,
        columns=_index_columns(sources),
        asks={**ASKS, **INDEX_WORDS, "agency": ASKS["agency"]},
        frame=partial(ministry_frame, CYCLES),
        preview=lambda source, table: web.run(commands.preview_indices, source, tables.index_rows_of(table)),
        find=lambda token: web.query(indices.get_indices_import, caller(), token),
        apply=lambda token: web.run(commands.apply_indices, token),
    )


def _index_columns(sources: tuple[str, ...]) -> list[Column]:
    return [
        Column("agency", str(gettext("The id of an agency that is known.")), "kota-contoh"),
        Column(
            "source",
            str(gettext("One of %(sources)s.", sources=", ".join(sources))),
            next(iter(sources), ""),
            sources,
        ),
        Column("year", str(gettext("The year that the index speaks of.")), "2025"),
        Column("index", str(gettext("Its value, on its own scale.")), "68.75"),
        Column(
            "provenance",
            str(gettext("The letter, file or address by which it was made known.")),
            "Surat B-12/2025",
        ),
        Column("reason", str(gettext("Why a value that is known is corrected; else left empty.")), ""),
    ]


KINDS: Mapping[str, Callable[..., Kind]] = {
    "agencies": agencies,
    "participations/<cycle>": participations,
    "people": people,
    "external-indices": external_indices,
}
"""By the place of their pages."""
