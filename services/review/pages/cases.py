"""Cases, for the ministry: where each of a cycle is and who holds it, and how its stages rated what the agency says."""

from collections.abc import Iterator
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.review import domain
from services.review.domain import CaseFilter
from services.review.pages.desk import pin_words
from services.review.pages.ministry import CASES, LONGEST_ID, ROWS, address, after, blueprint, render, sought
from services.review.pages.queue import stage_of
from services.review.queries import docket
from services.review.queries.docket import CaseView, Docket
from shared import web
from shared.auth.guard import audience, caller
from shared.web.instruments import groups, said

STATES = {"open": lazy_gettext("under review"), "finalised": lazy_gettext("finished")}
"""How the states of a case are called."""

pages = blueprint("cases")


@pages.get("/cases")
@audience("ministry")
def cases() -> str:
    """The cases of a cycle: all, or those that are looked for."""
    asked = {name: flask.request.args.get(name, "")[:LONGEST_ID] for name in ("cycle", "state", "stage")}
    asked["state"] = asked["state"] if asked["state"] in STATES else ""
    begin, words = after(), sought()
    wanted = CaseFilter(asked["cycle"] or None, asked["state"] or None, stage=asked["stage"] or None)
    found = web.query(docket.get_docket, wanted, words.split(), begin, ROWS)
    asked |= {"cycle": found.cycle.id if found.cycle else "", "q": words}
    last = found.rows.rows[-1].case.id if found.rows.more else ""
    return render(
        "cases.html",
        CASES,
        found=found,
        rows=found.rows.rows,
        asked=asked,
        stages=[(one, said(one.name)) for one in domain.stage_numbers(found.counts, found.editions)],
        figures=list(_figures(found)),
        stage_of=stage_of,
        holder_of=domain.holder_of,
        states_of_case=STATES,
        now=web.arrived(),
        first=address(CASES, asked) if begin else "",
        next=address(CASES, {**asked, "after": last}) if last else "",
    )


@pages.get("/cases/<id>")
@audience("ministry")
def case(id: str) -> str:
    """One case: its stages, who did them, and what they rated, beside each other."""
    view = web.query(docket.get_case_view, caller(), id)
    return render(
        "case.html",
        CASES,
        **_frame(view),
        steps=view.record.steps(web.arrived()),
        groups=groups(view.record.edition),
    )


@pages.get("/cases/<id>/indicators/<indicator>")
@audience("ministry")
def case_indicator(id: str, indicator: str) -> str:
    """One indicator of a case: what the agency says, and what each stage rated and why."""
    view = web.query(docket.get_case_view, caller(), id)
    record = view.record
    answer = record.answer(indicator)
    before, following = record.neighbours(indicator)
    return render(
        "case_indicator.html",
        CASES,
        **_frame(view),
        node=record.edition.node(indicator),
        answer=answer,
        files=record.files(indicator),
        questions=record.questions(indicator),
        rated=record.rated(indicator),
        pin_words=lambda pin: pin_words(pin, record.material.file_names),
        before=before,
        following=following,
    )


def _frame(view: CaseView) -> dict[str, Any]:
    record = view.record
    return {
        "view": view,
        "record": record,
        "one": record.case,
        "top": f"{CASES}/{record.case.id}",
        "stage": lambda code: stage_of(record.edition, record.case, code),
        "now": web.arrived(),
        "named": lambda id: view.assessors[id].name,
    }


def _figures(found: Docket) -> Iterator[dict[str, Any]]:
    """How many cases are in each stage, as numbers that lead to them."""
    if found.cycle is None:
        return
    place = {"cycle": found.cycle.id}
    every = sum(one.count for one in found.counts)
    yield {"value": every, "text": gettext("Cases"), "href": address(CASES, place)}
    for one in domain.stage_numbers(found.counts, found.editions):
        if one.count:
            href = address(CASES, {**place, "stage": one.code})
            yield {"value": one.count, "text": said(one.name), "href": href}
    href = address(CASES, {**place, "state": "finalised"})
    yield {"value": domain.count_in(found.counts, None), "text": gettext("Finished"), "href": href}
