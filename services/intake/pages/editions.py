"""The editions of the instrument, for the ministry: each with all that it says."""

from services.intake.pages.ministry import EDITIONS, ROWS, address, after, blueprint, render
from services.intake.queries import rounds
from shared import web
from shared.auth.guard import audience, caller
from shared.web import instruments

pages = blueprint("editions")


@pages.get("/editions")
@audience("ministry")
def editions() -> str:
    """Every edition, drafts too."""
    begin = after()
    found = web.query(rounds.list_edition_views, caller(), begin, ROWS)
    return render(
        "editions.html",
        EDITIONS,
        editions=found.rows,
        first=EDITIONS if begin else "",
        next=address(EDITIONS, {"after": found.rows[-1].record.id}) if found.more else "",
    )


@pages.get("/editions/<id>")
@audience("ministry")
def edition(id: str) -> str:
    """One edition: its tree with weights, its predicates, its activities."""
    view = web.query(rounds.get_edition_view, caller(), id)
    return render(
        "edition.html",
        EDITIONS,
        view=view,
        bands=instruments.rising(view.edition),
        reach=instruments.reach,
    )
