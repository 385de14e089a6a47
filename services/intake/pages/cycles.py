"""The yearly rounds, for the ministry."""

from http import HTTPStatus

import flask

from services.intake import commands
from services.intake.pages.ministry import CYCLES, ROWS, address, after, blueprint, render
from services.intake.pages.workspace import file_kinds
from services.intake.queries import rounds
from shared import web
from shared.auth.guard import audience

pages = blueprint("cycles")


@pages.get("/cycles")
@audience("ministry")
def cycles() -> str:
    """Every cycle, with how many take part."""
    begin = after()
    found = web.query(rounds.list_cycle_rows, begin, ROWS)
    return render(
        "cycles.html",
        CYCLES,
        cycles=found.rows,
        first=CYCLES if begin else "",
        next=address(CYCLES, {"after": found.rows[-1].cycle.id}) if found.more else "",
    )


@pages.get("/cycles/<id>")
@audience("ministry")
def cycle(id: str) -> str:
    """One cycle: when, by which edition, and how far its agencies are."""
    view = web.query(rounds.get_cycle_view, id)
    return render("cycle.html", CYCLES, view=view, kinds=file_kinds(view.cycle.evidence.types))


@pages.post("/cycles/<id>/open")
@audience("ministry")
def open_cycle(id: str) -> flask.typing.ResponseReturnValue:
    """Open a planned cycle."""
    web.run(commands.open_cycle, id)
    return flask.redirect(f"{CYCLES}/{id}", HTTPStatus.SEE_OTHER)
