"""Indices of other ministries, for the ministry: found, looked at, made known and corrected."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.intake import commands
from services.intake.domain.indices import ExternalIndex, IndexFilter
from services.intake.pages import forms
from services.intake.pages.ministry import CYCLES, LONGEST_ID, ROWS, address, after, blueprint, render
from services.intake.queries import indices
from services.intake.schemas.indices import IndexRowInput
from shared import web
from shared.auth.guard import audience
from shared.core import reading
from shared.instrument.sources import INDEX_DECIMALS
from shared.web.forms import load

INDICES, NEW = "/intake/external-indices", "/intake/new-external-index"
FIELDS = ("agency", "source", "year", "index", "provenance", "reason")
PLACES = {
    "unknown-agency": "agency",
    "unknown-source": "source",
    "index-not-allowed": "index",
    "bad-year": "year",
    "index-known": "reason",
}
WORDS = {
    "agency": lazy_gettext("Choose an agency from the list."),
    "source": lazy_gettext("Choose an index from the list."),
    "year": lazy_gettext("Write the year of the index, such as 2025."),
    "index": lazy_gettext(
        "Write a number with at most %(most)s decimals, such as 68.75.", most=INDEX_DECIMALS
    ),
    "provenance": lazy_gettext("Write on one line where it was made known: a letter, a file, an address."),
}
Answer = flask.typing.ResponseReturnValue

pages = blueprint("indices")


@pages.get("/external-indices")
@audience("ministry")
def external_indices() -> str:
    """Every index that is known, or those that are looked for."""
    said = flask.request.args
    asked = {name: said.get(name, "")[:LONGEST_ID] for name in ("agency", "source")}
    begin = after()
    wanted = IndexFilter(asked["agency"] or None, asked["source"] or None)
    found = web.query(indices.get_index_page, wanted, begin, ROWS)
    last = found.page.rows[-1].id if found.page.more else ""
    return render(
        "indices.html",
        CYCLES,
        found=found,
        asked=asked,
        first=address(INDICES, asked) if begin else "",
        next=address(INDICES, {**asked, "after": last}) if last else "",
        done=forms.done(),
    )


@pages.get("/external-indices/<id>")
@audience("ministry")
def external_index(id: str) -> str:
    """One index, with every version of it."""
    view = web.query(indices.get_index_view, id)
    return render("index.html", CYCLES, view=view, saved="saved" in flask.request.args)


@pages.get("/new-external-index")
@audience("ministry")
def new() -> str:
    """The form for an index that is not known yet."""
    return _form({}, {})


@pages.post("/new-external-index")
@audience("ministry")
def make() -> Answer:
    """Make an index known."""
    return _save(None)


@pages.get("/external-indices/<id>/change")
@audience("ministry")
def change(id: str) -> str:
    """The form that corrects an index."""
    known = web.query(indices.get_index, id)
    typed = {name: str(getattr(known, name)) for name in FIELDS if name != "reason"}
    return _form({**typed, "rev": str(known.rev)}, {}, known)


@pages.post("/external-indices/<id>/change")
@audience("ministry")
def save(id: str) -> Answer:
    """Correct an index, if nobody else did since the form was opened."""
    return _save(web.query(indices.get_index, id))


def _save(known: ExternalIndex | None) -> Answer:
    said: dict[str, Any] = forms.typed(FIELDS)
    if known:
        said |= {"agency": known.agency, "source": known.source, "year": str(known.year)}
    wanted, found = load(IndexRowInput(), said, {**forms.WORDS, **WORDS}, WORDS)
    wrong = {name: found[name] for name in FIELDS if name in found}  # in the order of the form
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not wrong:
        rev = (reading.whole(flask.request.form.get("rev", "")) or 0) if known else 0
        made, wrong, status = forms.attempt(lambda: web.run(commands.set_index, wanted, rev), PLACES)
        if made:
            return flask.redirect(f"{INDICES}/{made.id}?saved", HTTPStatus.SEE_OTHER)
    # Who sees what somebody else stored meanwhile may save over it.
    seen = {"rev": str(known.rev)} if known and status == HTTPStatus.CONFLICT else {}
    return _form({**flask.request.form, **said, **seen}, wrong, known, bool(seen)), status


def _form(
    typed: dict[str, Any], wrong: dict[str, str], known: ExternalIndex | None = None, stale: bool = False
) -> str:
    return render(
        "index_form.html",
        CYCLES,
        known=known,
        stale=stale,
        typed=typed,
        wrong=wrong,
        agencies=_choices(web.query(indices.list_agencies)),
        sources=web.query(indices.get_sources),
        place=f"{INDICES}/{known.id}/change" if known else NEW,
    )


def _choices(names: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    first = {"value": "", "text": str(gettext("Choose one"))}
    return [first, *({"value": id, "text": name} for id, name in names)]
