"""The yearly rounds, for the ministry: planned, changed while they are, opened."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import lazy_gettext

from services.intake import commands, queries
from services.intake.domain import Cycle
from services.intake.domain.file_types import FAMILIES
from services.intake.domain.rounds import USUAL_CLARIFICATION_DAYS
from services.intake.pages import forms
from services.intake.pages.ministry import CYCLES, ROWS, address, after, blueprint, render
from services.intake.pages.workspace import file_kinds
from services.intake.queries import rounds
from services.intake.schemas.rounds import CycleForm
from shared import web
from shared.auth.guard import audience
from shared.core import reading

NEW = "/intake/new-cycle"
FIELDS = (
    "id",
    "title",
    "edition",
    "opens",
    "deadline",
    "bytes_until",
    "max_file",
    "quota",
    "clarification_days",
)
PLACES = {
    "bad-windows": "deadline",
    "bad-sizes": "max_file",
    "unknown-edition": "edition",
    "edition-not-published": "edition",
    "cycle-in-use": "edition",
}
WORDS = {
    "id": lazy_gettext("Write small letters, digits and hyphens, a letter or digit first, such as 2026.")
}
USUAL = {
    "max_file": "20",
    "quota": "2000",
    "types": ["pdf", "image"],
    "clarification_days": str(USUAL_CLARIFICATION_DAYS),
    "shows_words": True,
}
"""What the form for a new cycle begins with."""
Answer = flask.typing.ResponseReturnValue

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
    kinds = file_kinds(view.cycle.evidence.types)
    return render("cycle.html", CYCLES, view=view, kinds=kinds, saved="saved" in flask.request.args)


@pages.post("/cycles/<id>/open")
@audience("ministry")
def open_cycle(id: str) -> Answer:
    """Open a planned cycle."""
    web.run(commands.open_cycle, id)
    return flask.redirect(f"{CYCLES}/{id}", HTTPStatus.SEE_OTHER)


@pages.get("/new-cycle")
@audience("ministry")
def new() -> str:
    """The form for a cycle that is not planned yet."""
    return _form(USUAL, {})


@pages.post("/new-cycle")
@audience("ministry")
def plan() -> Answer:
    """Plan a cycle."""
    return _save(None)


@pages.get("/cycles/<id>/change")
@audience("ministry")
def change(id: str) -> Answer:
    """The form for a cycle that is planned; one that is open shows why it does not change."""
    known = web.query(queries.get_entity, Cycle, id)
    if known.opened_at:
        return flask.redirect(f"{CYCLES}/{id}", HTTPStatus.SEE_OTHER)
    return _form(_typed(known), {}, known)


@pages.post("/cycles/<id>/change")
@audience("ministry")
def save(id: str) -> Answer:
    """Change a planned cycle, if nobody else did since the form was opened."""
    return _save(web.query(queries.get_entity, Cycle, id))


def _save(known: Cycle | None) -> Answer:
    said: dict[str, Any] = forms.typed(FIELDS) | ({"id": known.id} if known else {})
    if types := flask.request.form.getlist("types")[: len(FAMILIES) + 1]:
        said["types"] = types
    said["shows_words"] = "shows_words" in flask.request.form
    wanted, wrong = forms.load(CycleForm(), said, WORDS)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        rev = (reading.whole(flask.request.form.get("rev", "")) or 0) if known else 0
        made, wrong, status = forms.attempt(lambda: web.run(commands.set_cycle, wanted, rev), PLACES)
        if made:
            return flask.redirect(f"{CYCLES}/{made.id}?saved", HTTPStatus.SEE_OTHER)
    # Who sees what somebody else stored meanwhile may save over it.
    seen = {"rev": str(known.rev)} if known and status == HTTPStatus.CONFLICT else {}
    return _form({**flask.request.form, "types": types, **said, **seen}, wrong, known, bool(seen)), status


def _typed(known: Cycle) -> dict[str, Any]:
    """A cycle as its form holds it."""
    rules = known.evidence
    return {
        **{name: getattr(known, name) for name in ("id", "title", "edition")},
        **{name: forms.local(getattr(known, name)) for name in ("opens", "deadline", "bytes_until")},
        "max_file": _megabytes(rules.max_file_bytes),
        "quota": _megabytes(rules.quota_bytes),
        "types": sorted(rules.types),
        "clarification_days": str(known.clarification_days),
        "shows_words": known.shows_words,
        "rev": str(known.rev),
    }


def _megabytes(count: int) -> str:
    return f"{(Decimal(count) / 1_000_000).normalize():f}"


def _form(
    typed: dict[str, Any], wrong: dict[str, str], known: Cycle | None = None, stale: bool = False
) -> str:
    return render(
        "cycle_form.html",
        CYCLES,
        known=known,
        stale=stale,
        typed=typed,
        wrong=wrong,
        editions=web.query(rounds.list_published_editions),
        kinds=[{"value": one, "text": file_kinds([one])} for one in FAMILIES],
        place=f"{CYCLES}/{known.id}/change" if known else NEW,
    )
