"""The control room of a cycle: how many agencies are where, who is late, and who waits for whom."""

from functools import partial

from services.intake.domain.control import ATTENTION, PlaceFilter
from services.intake.pages.ministry import CYCLES, blueprint, render
from services.intake.pages.places import name_of, place_name, stage_names
from services.intake.queries import participations as questions
from shared import web
from shared.auth.guard import audience
from shared.web import charts

SHOWN = 10
"""Agencies that need attention, of which the page itself tells."""

pages = blueprint("control")


@pages.get("/cycles/<id>/control")
@audience("ministry")
def control(id: str) -> str:
    """How far a cycle is, in numbers that lead to lists."""
    found = web.query(questions.get_roll, id, PlaceFilter(ATTENTION), None, SHOWN)
    seals = web.query(questions.get_seals, id)
    line = charts.steps([(seals.place(day.at), day.all) for day in seals.days], found.all)
    return render(
        "control.html",
        CYCLES,
        found=found,
        seals=seals,
        line=line,
        stages=stage_names(found.edition),
        name=partial(name_of, found.edition),
        said_place=partial(place_name, found.edition),
        list=f"{CYCLES}/{id}/participations",
    )
